/**
 * `<mes-grid><div class="board"><table>…` lets the arrow keys walk a server-made board; Enter or a click on a cell with
 * `data-url` opens it in the drawer. Only one cell is in the tab order, so 10,000 cells cost nothing.
 */
import htmx from "htmx";
import { step } from "../lib/walk.js";
import { format } from "../lib/tsv.js";

export class CallBoard extends HTMLElement {
  #now = null;

  connectedCallback() {
    this.addEventListener("click", this.#click);
    this.addEventListener("keydown", this.#key);
    this.addEventListener("copy", this.#copy);
    this.#enter(this.querySelector("td[data-cell]"));
    const column = this.querySelector("thead .now-col");
    const board = this.querySelector(".board");
    if (column && board) board.scrollLeft = Math.max(0, column.offsetLeft - 320);
  }

  #enter(cell) {
    if (!cell) return;
    if (this.#now) this.#now.tabIndex = -1;
    this.#now = cell;
    cell.tabIndex = 0;
  }

  #click = (event) => {
    const cell = event.target.closest("td[data-cell]");
    if (!cell) return;
    this.#enter(cell);
    cell.focus({ preventScroll: true });
    this.#open(cell);
  };

  #key = (event) => {
    if (event.isComposing || !event.target.matches?.("td[data-cell]")) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.#open(event.target);
      return;
    }
    const rows = [...this.querySelector("tbody").rows].filter((row) => row.querySelector("td[data-cell]"));
    const cells = [...event.target.parentNode.querySelectorAll("td[data-cell]")];
    const from = { row: rows.indexOf(event.target.parentNode), col: cells.indexOf(event.target) };
    const to = step(from, event.key, { rows: rows.length, cols: cells.length, ctrl: event.ctrlKey || event.metaKey });
    if (!to) return;
    event.preventDefault();
    event.stopPropagation();
    const line = rows[to.row].querySelectorAll("td[data-cell]");
    const next = line[Math.min(to.col, line.length - 1)];
    this.#enter(next);
    next.focus();
  };

  #copy = (event) => {
    if (String(getSelection()) || !this.#now) return;
    const row = [...this.#now.parentNode.cells].map((cell) => cell.textContent.trim());
    event.clipboardData.setData("text/plain", format([row]));
    event.preventDefault();
  };

  #open(cell) {
    this.dispatchEvent(new CustomEvent("mes:cell", { bubbles: true, detail: { cell } }));
    if (!cell.dataset.url) return;
    htmx.ajax("GET", cell.dataset.url, { source: cell, target: "#drawer", swap: "innerHTML" }).catch(() => undefined); // a failure says so in a toast
  }
}
customElements.define("mes-grid", CallBoard);
