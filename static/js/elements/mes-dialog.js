/** `<mes-dialog id="x"><dialog>…</dialog></mes-dialog>`: opened by `data-dialog-open="x"`; focus goes back where it was. */
export class DialogBox extends HTMLElement {
  #before = null;

  connectedCallback() {
    this.addEventListener("click", (event) => {
      if (event.target.closest("[data-dialog-close]") || event.target === this.#dialog) this.close();
    });
    this.#dialog?.addEventListener("close", () => this.#before?.focus?.());
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  show() {
    if (this.#dialog.open) return;
    this.#before = document.activeElement;
    this.#dialog.showModal();
  }

  close() {
    this.#dialog.close();
  }
}
customElements.define("mes-dialog", DialogBox);
