/** `<mes-theme url="/me/theme">` goes round light → dark → as the system; kept in the browser and for the person. */
import { announce } from "../lib/announce.js";
import { post } from "../lib/post.js";
import { text } from "../lib/texts.js";

const ROUND = { light: "dark", dark: "auto", auto: "light" };

export class ThemeSwitch extends HTMLElement {
  #system = matchMedia("(prefers-color-scheme: dark)");
  #follow = () => this.#apply(document.documentElement.dataset.theme);

  connectedCallback() {
    this.addEventListener("click", this.#turn);
    this.#system.addEventListener("change", this.#follow);
    this.#follow();
  }

  disconnectedCallback() {
    this.#system.removeEventListener("change", this.#follow);
  }

  #turn = () => {
    const wish = ROUND[document.documentElement.dataset.theme] ?? "dark";
    try {
      localStorage.setItem("takt.theme", wish);
    } catch {
      // storage is closed: the server's copy below is enough
    }
    this.#apply(wish);
    announce(`theme.${wish}`);
    const url = this.getAttribute("url");
    if (url) post(url, { theme: wish }).catch(() => announce("net.failed", {}, { tone: "risk" }));
  };

  #apply(wish) {
    const root = document.documentElement;
    const dark = wish === "dark" || (wish !== "light" && this.#system.matches);
    root.dataset.theme = wish;
    root.dataset.bsTheme = dark ? "dark" : "light";
    for (const icon of this.querySelectorAll("[data-theme-icon]")) icon.hidden = icon.dataset.themeIcon !== wish;
    this.querySelector("button")?.setAttribute("title", text(`theme.${wish}`));
  }
}
customElements.define("mes-theme", ThemeSwitch);
