/**
 * `<mes-form draft-key="…"><form>…</form><script type="application/json" data-form-spec>…` makes a drawn form quick:
 * formulas, visibility and required marks while typing (the same formula language as the server, which decides again),
 * Ctrl+S saves, Ctrl+Enter saves and goes on, a draft is kept, leaving with changes asks.
 *
 * The spec: {"fields": [{"name", "type", "formula"?, "visible"?, "required"?}], "zone", "user"} with expressions as AST
 * lists. A computed field is `<output data-computed="name">` or a read-only input of that name.
 */
import { collect } from "../lib/formvalues.js";
import { drafts, settled } from "../lib/drafts.js";
import { fill, text } from "../lib/texts.js";

/** Hidden fields of a page, which differ each time it is drawn and are nobody's typing. */
const PLUMBING = new Set(["csrfmiddlewaretoken", "once", "version", "was"]);

export class QuickForm extends HTMLElement {
  #rules = null;
  #settle = null;
  #spec = { fields: [] };
  #clean = "";
  #timer = 0;
  #sending = false;
  #leave = (event) => {
    if (this.dirty && !this.#sending) event.preventDefault();
  };

  async connectedCallback() {
    const spec = this.querySelector("script[type='application/json']");
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
    const touched = this.dirty; // someone may already type while the evaluator is on its way
    this.#compute();
    if (!touched) this.#clean = this.#snapshot();
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
    return this.#form ? JSON.stringify([...new FormData(this.#form)].filter(([name, value]) => typeof value === "string" && !PLUMBING.has(name))) : "";
  }

  /** The evaluator is loaded only by forms that have a formula. */
  async #learn() {
    const any = this.#spec.fields.some((field) => field.formula || Array.isArray(field.visible) || Array.isArray(field.required));
    if (!any) return;
    const { rulesOf, settle } = await import("../lib/formrules.js");
    this.#rules = rulesOf(this.#spec.fields);
    this.#settle = settle;
  }

  #edited = (event) => {
    if (event.isComposing) return;
    this.#compute();
    clearTimeout(this.#timer);
    if (this.getAttribute("draft-key")) this.#timer = setTimeout(() => this.#keepDraft(), 1500);
  };

  #key = (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    if (event.key === "Escape") this.querySelector("[data-form-cancel]")?.click();
    if (!(event.ctrlKey || event.metaKey)) return;
    if (event.key.toLowerCase() === "s") {
      event.preventDefault();
      this.#form.requestSubmit(this.querySelector("[type=submit]:not([name=next])") ?? undefined);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.#form.requestSubmit(this.querySelector("[type=submit][name=next]") ?? this.querySelector("[type=submit]") ?? undefined);
    }
  };

  #compute() {
    if (!this.#rules) return;
    const kinds = Object.fromEntries(this.#spec.fields.map((field) => [field.name, field.type]));
    const around = { zone: this.#spec.zone, user: this.#spec.user };
    const { computed, visible, required } = this.#settle(this.#rules, collect(this.#pairs(), kinds), around);
    for (const [name, words] of Object.entries(computed)) this.#write(name, words);
    for (const [name, on] of Object.entries(visible)) {
      const box = this.querySelector(`[data-field="${CSS.escape(name)}"]`);
      if (box) box.hidden = !on;
    }
    for (const [name, on] of Object.entries(required)) {
      const box = this.querySelector(`[data-field="${CSS.escape(name)}"]`);
      box?.querySelector(".form-label")?.classList.toggle("required", on);
      box?.querySelector("[name]")?.setAttribute("aria-required", String(on));
    }
  }

  #pairs() {
    const pairs = [...new FormData(this.#form)];
    for (const box of this.#form.querySelectorAll("input[type=checkbox]:not(:checked)")) pairs.push([box.name, false]);
    return pairs;
  }

  #write(name, words) {
    const output = this.querySelector(`output[data-computed="${CSS.escape(name)}"]`);
    const input = this.#form.elements.namedItem(name);
    if (output && output.dataset.value !== words) {
      output.dataset.value = words;
      output.textContent = words || "–";
    }
    if (input instanceof HTMLElement && input.value !== words) input.value = words;
  }

  async #keepDraft() {
    if (!this.dirty) return;
    await drafts.put({ id: this.getAttribute("draft-key"), at: Date.now(), pairs: JSON.parse(this.#snapshot()) });
  }

  #submitted() {
    this.#sending = true;
    clearTimeout(this.#timer);
    if (!this.getAttribute("draft-key")) return;
    this.#keepDraft().catch(() => undefined); // a browser without a database of its own still sends the form
  }

  async #offerDraft() {
    await settled;
    if (this.querySelector("[data-error-summary]")) return; // refused: all that was typed stands here already
    const draft = await drafts.get(this.getAttribute("draft-key"));
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
      drafts.remove(draft.id);
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
