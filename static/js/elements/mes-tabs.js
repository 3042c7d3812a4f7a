/** `<mes-tabs><div class="tabs-bar" role="tablist"><button role="tab" aria-controls="a">…</button></div><div id="a" role="tabpanel">…` */
export class TabSet extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const tab = event.target.closest("[role=tab]");
      if (tab) this.choose(tab);
    });
    this.addEventListener("keydown", (event) => {
      const tabs = this.#tabs;
      const now = tabs.indexOf(event.target);
      const to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (now < 0 || to === undefined) return;
      event.preventDefault();
      const tab = tabs[(to + tabs.length) % tabs.length];
      this.choose(tab);
      tab.focus();
    });
    const wanted = location.hash && this.#tabs.find((tab) => `#${tab.getAttribute("aria-controls")}` === location.hash);
    const first = wanted || this.#tabs.find((tab) => tab.getAttribute("aria-selected") === "true") || this.#tabs[0];
    if (first) this.choose(first, { silent: true });
  }

  get #tabs() {
    return [...this.querySelectorAll("[role=tab]")];
  }

  choose(chosen, { silent = false } = {}) {
    for (const tab of this.#tabs) {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute("aria-controls"));
      if (panel) panel.hidden = !on;
    }
    if (!silent) history.replaceState(history.state, "", `#${chosen.getAttribute("aria-controls")}`);
  }
}
customElements.define("mes-tabs", TabSet);
