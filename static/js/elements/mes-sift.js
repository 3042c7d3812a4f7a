/** `<mes-sift><input type="search">… <x data-sift="words">` shows only rows whose words hold what is typed; Enter sends nothing. */
export class RowSift extends HTMLElement {
  #input = null;
  #listen = () => this.#sift();
  #quiet = (event) => {
    if (event.key === "Enter") event.preventDefault();
  };

  connectedCallback() {
    this.#input = this.querySelector("input[type=search]");
    this.#input?.addEventListener("input", this.#listen);
    this.#input?.addEventListener("keydown", this.#quiet);
  }

  disconnectedCallback() {
    this.#input?.removeEventListener("input", this.#listen);
    this.#input?.removeEventListener("keydown", this.#quiet);
  }

  #sift() {
    const words = this.#input.value.trim().toLowerCase().split(/\s+/);
    let shown = 0;
    for (const row of this.querySelectorAll("[data-sift]")) {
      const own = row.dataset.sift.toLowerCase();
      row.hidden = !words.every((word) => own.includes(word));
      if (!row.hidden) shown += 1;
    }
    const none = this.querySelector("[data-sift-none]");
    if (none) none.hidden = shown > 0;
  }
}
customElements.define("mes-sift", RowSift);
