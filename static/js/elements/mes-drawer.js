/**
 * `<mes-drawer>` shows a record beside its list. A link with `hx-target="#drawer"` fills it; whatever is swapped in may
 * name itself: `<div data-drawer-title="X-100" data-drawer-url="/e/…">`. Esc or × closes, focus goes back to the row.
 */
export class SideDrawer extends HTMLElement {
  #before = null;
  #narrow = matchMedia("(max-width: 767px)");
  #filled = ({ detail }) => {
    if (detail.target?.id === "drawer") this.open();
  };
  #asked = ({ detail }) => {
    if (detail.target?.id === "drawer" && !this.hasAttribute("open")) this.#before = document.activeElement;
  };
  #key = (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open], mes-menu[open]")) return;
    this.close();
  };

  connectedCallback() {
    document.addEventListener("htmx:beforeRequest", this.#asked);
    document.addEventListener("htmx:afterSwap", this.#filled);
    this.addEventListener("click", (event) => {
      if (event.target.closest("[data-drawer-close]")) this.close();
    });
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:beforeRequest", this.#asked);
    document.removeEventListener("htmx:afterSwap", this.#filled);
    document.removeEventListener("keydown", this.#key);
  }

  open() {
    const content = this.querySelector("[data-drawer-title]");
    this.querySelector("#drawer-title").textContent = content?.dataset.drawerTitle ?? "";
    const full = this.querySelector("[data-drawer-full]");
    full.hidden = !content?.dataset.drawerUrl;
    if (content?.dataset.drawerUrl) full.href = content.dataset.drawerUrl;
    this.setAttribute("open", "");
    document.addEventListener("keydown", this.#key);
    if (this.#narrow.matches) document.querySelector(".frame")?.setAttribute("inert", "");
    this.querySelector(".drawer").focus({ preventScroll: true });
  }

  close() {
    if (!this.hasAttribute("open")) return;
    this.removeAttribute("open");
    document.removeEventListener("keydown", this.#key);
    document.querySelector(".frame")?.removeAttribute("inert");
    this.querySelector("#drawer").replaceChildren();
    this.#before?.focus?.();
    this.dispatchEvent(new CustomEvent("mes:drawer-closed", { bubbles: true }));
  }
}
customElements.define("mes-drawer", SideDrawer);
