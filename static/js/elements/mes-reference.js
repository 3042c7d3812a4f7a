/**
 * `<mes-reference url="/api/v1/catalog.item/" name="item" value="UUID" label="X-100"><input class="form-control">`:
 * type or scan to search, arrows and Enter to choose. The id goes into a hidden field; recent choices come first.
 * Enter never chooses from a list older than the words: it waits for theirs, and an exact code or name wins.
 */
import { announce } from "../lib/announce.js";
import { text } from "../lib/texts.js";

export class ReferencePicker extends HTMLElement {
  static formAssociated = false;
  #timer = 0;
  #asking = null;
  #rows = [];
  #now = 0;
  #isStale = false;
  #isWanted = false;

  connectedCallback() {
    const input = this.#input;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.autocomplete = "off";
    if (!this.#hidden) {
      const field = Object.assign(document.createElement("input"), { type: "hidden", name: this.getAttribute("name") ?? "" });
      field.value = this.getAttribute("value") ?? "";
      field.dataset.value = "";
      this.append(field);
      if (this.hasAttribute("label")) input.value = this.getAttribute("label");
    }
    this.#list ?? this.append(Object.assign(document.createElement("ul"), { className: "choices", hidden: true }));
    this.#list.setAttribute("role", "listbox");
    this.#list.id ||= `choices-${Math.random().toString(36).slice(2, 9)}`;
    input.setAttribute("aria-controls", this.#list.id);
    input.addEventListener("input", this.#typed);
    input.addEventListener("keydown", this.#key);
    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", () => this.#list.hidden && !input.readOnly && this.#ask());
    input.addEventListener("blur", () => setTimeout(() => this.#left(), 150));
    this.#list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const row = event.target.closest("[role=option]");
      if (row) this.#choose(this.#rows[Number(row.dataset.at)]);
    });
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }

  get #input() {
    return this.querySelector("input:not([type=hidden])");
  }

  get #hidden() {
    return this.querySelector("input[data-value]");
  }

  get #list() {
    return this.querySelector(".choices");
  }

  get value() {
    return this.#hidden?.value ?? "";
  }

  #typed = (event) => {
    if (event.isComposing) return;
    clearTimeout(this.#timer);
    this.#isStale = this.#input.value.trim() !== "";
    this.#isWanted = false;
    if (this.#input.value === "") this.#set("", "");
    this.#timer = setTimeout(() => this.#ask(), 150);
  };

  #key = (event) => {
    if (event.isComposing) return;
    const open = !this.#list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) this.#ask();
      else this.#mark((this.#now + (event.key === "ArrowDown" ? 1 : -1) + this.#rows.length) % Math.max(1, this.#rows.length));
    } else if (event.key === "Enter" && this.#isStale) {
      event.preventDefault();
      event.stopPropagation();
      clearTimeout(this.#timer);
      this.#isWanted = true;
      this.#ask();
    } else if (event.key === "Enter" && open && this.#rows.length) {
      event.preventDefault();
      event.stopPropagation();
      this.#choose(this.#rows[this.#now]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      this.#close({ restore: true });
    } else if (event.key === "Tab" && open && this.#rows.length === 1) this.#choose(this.#rows[0]);
  };

  async #ask() {
    if (this.#input.readOnly) return;
    this.#asking?.abort();
    this.#asking = new AbortController();
    const query = this.#input.value.trim();
    const kept = query === (this.getAttribute("label") ?? "") ? "" : query;
    const url = new URL(this.getAttribute("url"), location.href);
    url.searchParams.set("q", kept);
    url.searchParams.set("size", "20");
    this.#note(text("reference.loading"));
    try {
      const answer = await fetch(url, { signal: this.#asking.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const body = await answer.json();
      this.#paint((body.results ?? body.rows ?? body).map(choice), kept);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.#isWanted = false;
      this.#tell("reference.failed");
    }
  }

  #paint(rows, query) {
    this.#rows = rows;
    this.#isStale = false;
    const isWanted = this.#isWanted;
    this.#isWanted = false;
    if (!rows.length) {
      this.#tell("reference.none", { q: query });
      return;
    }
    this.#list.replaceChildren(
      ...rows.map((row, at) => {
        const item = document.createElement("li");
        item.setAttribute("role", "option");
        item.id = `${this.#list.id}-${at}`;
        item.dataset.at = String(at);
        item.append(row.label);
        if (row.code) item.append(Object.assign(document.createElement("span"), { className: "choice-code", textContent: row.code }));
        return item;
      }),
    );
    this.#show();
    this.#mark(Math.max(0, rows.findIndex((row) => isExactly(row, query))));
    if (isWanted) this.#choose(rows[this.#now]);
  }

  #note(words) {
    this.#rows = [];
    this.#list.replaceChildren(Object.assign(document.createElement("li"), { className: "choices-note", textContent: words }));
    this.#show();
  }

  /** Say why there is nothing to choose; who has gone on already is told where he is now. */
  #tell(key, values = {}) {
    if (this.contains(document.activeElement)) this.#note(text(key, values));
    else {
      announce(key, values);
      this.#close({ restore: true });
    }
  }

  /** What Enter asked for is still chosen when its list comes, though the focus has gone on. */
  #left() {
    if (!this.#isWanted) this.#close({ restore: true });
  }

  #show() {
    this.#list.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
  }

  #mark(at) {
    this.#now = at;
    for (const item of this.#list.querySelectorAll("[role=option]")) {
      const on = Number(item.dataset.at) === at;
      item.setAttribute("aria-selected", String(on));
      if (on) {
        item.scrollIntoView({ block: "nearest" });
        this.#input.setAttribute("aria-activedescendant", item.id);
      }
    }
  }

  #choose(row) {
    if (!row) return;
    this.#set(row.id, row.code && !row.label.includes(row.code) ? `${row.code} ${row.label}` : row.label);
    this.#close();
  }

  #set(id, label) {
    this.setAttribute("label", label);
    this.#input.value = label;
    if (this.#hidden.value === id) return;
    this.#hidden.value = id;
    this.#hidden.dispatchEvent(new Event("change", { bubbles: true }));
    this.#hidden.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #close({ restore = false } = {}) {
    clearTimeout(this.#timer);
    this.#asking?.abort(); // or its answer would open the list of a field that was left
    this.#isStale = this.#isWanted = false;
    this.#list.hidden = true;
    this.#input.setAttribute("aria-expanded", "false");
    this.#input.removeAttribute("aria-activedescendant");
    // Words that were not chosen are not a value: show what is really kept.
    if (restore) this.#input.value = this.value ? (this.getAttribute("label") ?? "") : "";
  }
}

function isExactly(row, words) {
  const sought = words.toLowerCase();
  return sought !== "" && (row.code.toLowerCase() === sought || row.label.toLowerCase() === sought);
}

function choice(row) {
  const label = row.label ?? row.name ?? row.code ?? row.number ?? row.id;
  return { id: String(row.id), label: String(label), code: row.code && row.code !== label ? String(row.code) : "" };
}
customElements.define("mes-reference", ReferencePicker);
