/** `<mes-menu><button aria-haspopup="menu">…</button><div role="menu">…</div></mes-menu>`: a drop-down for mouse and keys. */
export class DropMenu extends HTMLElement {
  #outside = (event) => {
    if (!this.contains(event.target)) this.close();
  };

  connectedCallback() {
    this.addEventListener("click", (event) => {
      if (event.target.closest("[aria-haspopup]")) this.hasAttribute("open") ? this.close() : this.open();
      else if (event.target.closest("[role=menuitem], [role=menuitemradio]")) this.close();
    });
    this.addEventListener("keydown", this.#key);
  }

  disconnectedCallback() {
    document.removeEventListener("pointerdown", this.#outside);
  }

  open() {
    this.setAttribute("open", "");
    this.#button.setAttribute("aria-expanded", "true");
    document.addEventListener("pointerdown", this.#outside);
    this.#items[0]?.focus();
  }

  close({ back = false } = {}) {
    this.removeAttribute("open");
    this.#button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", this.#outside);
    if (back) this.#button.focus();
  }

  get #button() {
    return this.querySelector("[aria-haspopup]");
  }

  get #items() {
    return [...this.querySelectorAll("[role=menu] :is(a, button):not([disabled])")];
  }

  #key = (event) => {
    const open = this.hasAttribute("open");
    if (!open && event.key === "ArrowDown" && event.target === this.#button) {
      event.preventDefault();
      this.open();
      return;
    }
    if (!open) return;
    const items = this.#items;
    const now = items.indexOf(document.activeElement);
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Escape") {
      event.stopPropagation();
      this.close({ back: true });
    } else if (event.key === "Tab") this.close();
    else if (to !== undefined) {
      event.preventDefault();
      items[(to + items.length) % items.length]?.focus();
    }
  };
}
customElements.define("mes-menu", DropMenu);
