/** `<mes-due at="2026-11-22T10:00Z">` counts down to a delivery window, by the plant's clock, and carries `late` once it has passed. */
import { plantNow, plantSpeed } from "../lib/planttime.js";
import { nextPaint, span } from "../lib/spans.js";
import { text } from "../lib/texts.js";

export class DueClock extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    this.#paint();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  #paint() {
    const seconds = (Date.parse(this.getAttribute("at")) - plantNow()) / 1000;
    const past = this.getAttribute("kind") === "past";
    const { key, n, m } = span(seconds);
    const words = text(past ? "due.ago" : seconds < 0 ? "due.late" : "due.in", { span: text(key, { n, m }) });
    if (words !== this.textContent) this.textContent = words;
    if (!past) this.toggleAttribute("late", seconds < 0);
    this.#timer = setTimeout(() => this.#paint(), nextPaint(seconds, plantSpeed()));
  }
}
customElements.define("mes-due", DueClock);
