/**
 * `<mes-subform name="lines" max="200">` edits child rows: add, duplicate, remove, reorder (buttons or Alt+arrows), paste
 * a block from Excel into any cell, sums under number columns (`<td data-sum="quantity">`).
 */
import { announce } from "../lib/announce.js";
import { shown, sum } from "../lib/numbers.js";
import { renamed, rowCount } from "../lib/rownames.js";
import { text } from "../lib/texts.js";
import { parse } from "../lib/tsv.js";

export class ChildRows extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this.#click);
    this.addEventListener("keydown", this.#key);
    this.addEventListener("paste", this.#paste);
    this.addEventListener("input", () => this.#total());
    this.#settle();
  }

  get #body() {
    return this.querySelector("tbody");
  }

  get #rows() {
    return [...this.#body.querySelectorAll(":scope > tr:not([data-none])")];
  }

  get #most() {
    return Number(this.getAttribute("max") ?? 1000);
  }

  /** Add a row behind `after`, or at the end. @returns {HTMLTableRowElement|null} null when the table is full */
  add(after = null, from = null) {
    if (this.#rows.length >= this.#most) {
      announce("subform.full", { n: this.#most }, { tone: "risk" });
      return null;
    }
    const row = this.querySelector("template[data-row]").content.querySelector("tr").cloneNode(true);
    if (after) after.after(row);
    else this.#body.append(row);
    if (from) copyValues(from, row);
    this.#settle();
    return row;
  }

  /** Make as many rows as a draft speaks of. */
  fit(pairs) {
    const wanted = rowCount(pairs, this.getAttribute("name"));
    while (this.#rows.length < wanted && this.add());
    for (const row of this.#rows.slice(wanted)) row.remove();
    this.#settle();
  }

  #click = (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const row = button.closest("tr");
    if ("rowAdd" in button.dataset) first(this.add());
    else if ("rowCopy" in button.dataset) first(this.add(row, row));
    else if ("rowUp" in button.dataset) this.#move(row, -1, button);
    else if ("rowDown" in button.dataset) this.#move(row, 1, button);
    else if ("rowRemove" in button.dataset) this.#remove(row);
  };

  #remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.#settle();
    this.#edited();
    if (next) first(next);
    else this.querySelector("[data-row-add]")?.focus();
  }

  #move(row, by, back) {
    const rows = this.#rows;
    const to = rows[rows.indexOf(row) + by];
    if (!to) return;
    if (by < 0) to.before(row);
    else to.after(row);
    this.#settle();
    this.#edited();
    back?.focus();
  }

  #key = (event) => {
    if (event.isComposing) return;
    const row = event.target.closest("tbody > tr");
    if (!row) return;
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      this.#move(row, event.key === "ArrowUp" ? -1 : 1, event.target);
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && event.target.matches("input:not([type=button]), select")) {
      event.preventDefault();
      const rows = this.#rows;
      const next = rows[rows.indexOf(row) + 1] ?? this.add();
      const at = [...row.cells].indexOf(event.target.closest("td"));
      next?.cells[at]?.querySelector("input:not([type=hidden]), select")?.focus();
    }
  };

  #paste = (event) => {
    const source = event.clipboardData?.getData("text/plain") ?? "";
    const cell = event.target.closest("tbody td");
    if (!cell || !/[\t\n]/.test(source.trimEnd())) return;
    event.preventDefault();
    const block = parse(source.replace(/[\r\n]+$/, ""));
    const column = [...cell.parentNode.cells].indexOf(cell);
    let at = this.#rows.indexOf(cell.parentNode);
    let pasted = 0;
    for (const line of block) {
      const row = this.#rows[at] ?? this.add();
      if (!row) break;
      const fields = [...row.cells].slice(column).map(entry).filter(Boolean);
      line.forEach((value, i) => fields[i] && put(fields[i], value.trim()));
      at += 1;
      pasted += 1;
    }
    this.#total();
    this.#edited();
    announce("subform.pasted", { n: pasted }, { tone: "ok" });
  };

  #edited() {
    this.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #settle() {
    const table = this.getAttribute("name");
    this.#rows.forEach((row, at) => {
      for (const node of row.querySelectorAll("[name], [id], [for], [aria-describedby], [data-computed]")) {
        for (const name of ["name", "id", "for", "aria-describedby", "data-computed"]) {
          if (node.hasAttribute(name)) node.setAttribute(name, renamed(node.getAttribute(name), table, at));
        }
      }
      const number = row.querySelector(".row-no");
      if (number) number.textContent = String(at + 1);
      row.querySelector("[data-row-remove]")?.setAttribute("aria-label", text("subform.remove", { n: at + 1 }));
    });
    const none = this.querySelector("[data-none]");
    if (none) none.hidden = this.#rows.length > 0;
    this.#total();
  }

  #total() {
    for (const place of this.querySelectorAll("[data-sum]")) {
      const column = place.dataset.sum;
      const inputs = this.#rows.map((row) => row.querySelector(`[name$="-${CSS.escape(column)}"]`)?.value ?? "");
      place.textContent = shown(sum(inputs));
    }
  }
}

const entry = (cell) => cell.querySelector("input:not([type=hidden]):not([readonly]), select, textarea");

function put(field, value) {
  if (field.type === "checkbox") field.checked = /^(1|true|yes|y|x|是|✓)$/i.test(value);
  else if (field.tagName === "SELECT") {
    const option = [...field.options].find((each) => each.text.trim() === value || each.value === value);
    if (option) field.value = option.value;
    field.classList.toggle("is-invalid", !option && value !== "");
  } else field.value = value;
}

function copyValues(from, to) {
  const source = [...from.querySelectorAll("input, select, textarea")];
  [...to.querySelectorAll("input, select, textarea")].forEach((field, i) => {
    if (!source[i] || field.name.endsWith("-id")) return;
    if (field.type === "checkbox") field.checked = source[i].checked;
    else field.value = source[i].value;
  });
  const pickers = [...from.querySelectorAll("mes-reference")];
  [...to.querySelectorAll("mes-reference")].forEach((picker, i) => {
    picker.setAttribute("value", pickers[i].value);
    picker.setAttribute("label", pickers[i].getAttribute("label") ?? "");
  });
}

function first(row) {
  row?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}
customElements.define("mes-subform", ChildRows);
