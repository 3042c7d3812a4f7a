/**
 * `<mes-form draft-key="…"><form>…</form><script type="application/json" data-form-spec>…` makes a drawn form quick:
 * formulas, visibility and required marks while typing (the same formula language as the server, which decides again),
 * Ctrl+S saves, Ctrl+Enter saves and goes on, a draft is kept, leaving with changes asks.
 *
 * The spec: {"fields": [{"name", "type", "formula"?, "visible"?, "required"?}]} with expressions as AST lists.
 */
import { collect } from "../lib/formvalues.js";
import { Shelf } from "../lib/shelf.js";
import { fill, text } from "../lib/texts.js";

export class QuickForm extends HTMLElement {
  #drafts = new Shelf("drafts");
  #evaluate = null;
  #spec = { fields: [] };
  #clean = "";
  #timer = 0;
  #sending = false;
  #leave = (event) => {
    if (this.dirty && !this.#sending) event.preventDefault();
  };

  async connectedCallback() {
    const spec = this.querySelector("script[data-form-spec]");
    if (spec) this.#spec = JSON.parse(spec.textContent);
    const form = this.#form;
    form.noValidate = true; // the server's words are better and come in both languages
    this.addEventListener("input", this.#edited);
    this.addEventListener("change", this.#edited);
    this.addEventListener("keydown", this.#key);
    form.addEventListener("submit", () => this.#submitted());
    for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) this.addEventListener(name, () => (this.#sending = false));
    addEventListener("beforeunload", this.#leave);
    this.querySelector("[data-error-summary]")?.focus();
    this.#clean = this.#snapshot();
    await this.#learn();
    this.#compute();
    this.#clean = this.#snapshot();
    if (this.getAttribute("draft-key")) await this.#offerDraft();
  }

  disconnectedCallback() {
    removeEventListener("beforeunload", this.#leave);
    clearTimeout(this.#timer);
  }

  get #form() {
    return this.querySelector("form");
  }

  /** True when something differs from what was loaded. */
  get dirty() {
    return this.#clean !== "" && this.#snapshot() !== this.#clean;
  }

  #snapshot() {
    return this.#form ? JSON.stringify([...new FormData(this.#form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken")) : "";
  }

  /** The evaluator is loaded only by forms that have a formula. */
  async #learn() {
    const any = this.#spec.fields.some((field) => field.formula || Array.isArray(field.visible) || Array.isArray(field.required));
    if (!any) return;
    const { evaluate } = await import("../lib/fx.js");
    this.#evaluate = evaluate;
  }

  #edited = (event) => {
    if (event.isComposing) return;
    this.#compute();
    clearTimeout(this.#timer);
    if (this.getAttribute("draft-key")) this.#timer = setTimeout(() => this.#keepDraft(), 1500);
  };

  #key = (event) => {
    if (event.isComposing || !(event.ctrlKey || event.metaKey)) return;
    if (event.key.toLowerCase() === "s") {
      event.preventDefault();
      this.#form.requestSubmit(this.querySelector("[type=submit]:not([name=next])") ?? undefined);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.#form.requestSubmit(this.querySelector("[type=submit][name=next]") ?? this.querySelector("[type=submit]") ?? undefined);
    }
  };

  #compute() {
    if (!this.#evaluate) return;
    const kinds = Object.fromEntries(this.#spec.fields.map((field) => [field.name, field.type]));
    // A formula may read another one: two rounds settle what one sheet of paper can hold, a third proves it still.
    for (let round = 0; round < 3; round += 1) {
      const values = collect(this.#pairs(), kinds);
      let moved = false;
      for (const field of this.#spec.fields) if (field.formula) moved = this.#write(field, this.#try(field.formula, values)) || moved;
      if (!moved) break;
    }
    const values = collect(this.#pairs(), kinds);
    for (const field of this.#spec.fields) {
      const box = this.querySelector(`[data-field="${CSS.escape(field.name)}"]`);
      if (!box) continue;
      const shown = Array.isArray(field.visible) ? this.#try(field.visible, values) === true : true;
      if (Array.isArray(field.visible)) box.hidden = !shown;
      if (Array.isArray(field.required)) {
        const wanted = shown && this.#try(field.required, values) === true;
        box.querySelector(".form-label")?.classList.toggle("required", wanted);
        box.querySelector("[name]")?.setAttribute("aria-required", String(wanted));
      }
    }
  }

  #pairs() {
    const pairs = [...new FormData(this.#form)];
    for (const box of this.#form.querySelectorAll("input[type=checkbox]:not(:checked)")) pairs.push([box.name, false]);
    for (const out of this.#form.querySelectorAll("output[data-computed]")) pairs.push([out.dataset.computed, out.dataset.value ?? ""]);
    return pairs;
  }

  #try(ast, values) {
    try {
      return this.#evaluate(ast, values);
    } catch {
      return null; // an unfinished entry is no error yet; the server checks what is sent
    }
  }

  #write(field, value) {
    const words = value === null || value === undefined ? "" : String(value);
    const output = this.querySelector(`output[data-computed="${CSS.escape(field.name)}"]`);
    const input = this.#form.elements.namedItem(field.name);
    if (output && output.dataset.value !== words) {
      output.dataset.value = words;
      output.textContent = words || "–";
      return true;
    }
    if (input instanceof HTMLElement && input.value !== words) {
      input.value = words;
      return true;
    }
    return false;
  }

  async #keepDraft() {
    if (!this.dirty || this.#sending) return;
    await this.#drafts.put({ id: this.getAttribute("draft-key"), at: Date.now(), pairs: JSON.parse(this.#snapshot()) });
  }

  async #submitted() {
    this.#sending = true;
    clearTimeout(this.#timer);
    if (this.getAttribute("draft-key")) await this.#drafts.remove(this.getAttribute("draft-key"));
  }

  async #offerDraft() {
    const draft = await this.#drafts.get(this.getAttribute("draft-key"));
    if (!draft || JSON.stringify(draft.pairs) === this.#clean) return;
    const note = document.createElement("div");
    note.className = "note note-info";
    note.setAttribute("role", "status");
    const words = document.createElement("span");
    words.textContent = fill(text("form.draft"), { at: new Date(draft.at).toLocaleTimeString() });
    const use = button(text("form.draft_use"), () => {
      this.#restore(draft.pairs);
      note.remove();
    });
    const drop = button(text("form.draft_drop"), () => {
      this.#drafts.remove(draft.id);
      note.remove();
    });
    use.classList.add("push");
    note.append(words, use, drop);
    this.prepend(note);
  }

  #restore(pairs) {
    for (const subform of this.querySelectorAll("mes-subform")) subform.fit?.(pairs);
    for (const [name, value] of pairs) {
      const field = this.#form.elements.namedItem(name);
      if (field instanceof RadioNodeList) field.value = value;
      else if (field?.type === "checkbox") field.checked = true;
      else if (field) field.value = value;
    }
    this.#compute();
  }
}

function button(words, run) {
  const node = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: words });
  node.addEventListener("click", run);
  return node;
}
customElements.define("mes-form", QuickForm);
