/**
 * `<mes-filter name="filter"><script type="application/json">[{"name", "label", "kind", "ops": ["eq" | {"key", "label"}],
 * "choices"?: [{"value", "label"}], "lookup"?: url}]` builds AND/OR conditions and puts them into the address (`?filter=[…]`), so that a link gives the same list.
 */
import { add, at, isGroup, NO_VALUE, put, read, remove, write } from "../lib/filters.js";
import { icon, text } from "../lib/texts.js";

const KINDS = { date: "date", datetime: "datetime-local", integer: "number", boolean: "boolean" };

export class FilterBuilder extends HTMLElement {
  #tree = ["and"];
  #fields = [];

  connectedCallback() {
    this.#fields = JSON.parse(this.querySelector("script[type='application/json']").textContent).map(plainField);
    this.#tree = read(new URLSearchParams(location.search).get(this.#name));
    this.#place = document.createElement("div");
    this.prepend(this.#place);
    if (!this.querySelector("[data-filter-apply]")) this.append(this.#foot());
    this.addEventListener("change", this.#change);
    this.addEventListener("click", this.#click);
    this.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing && event.target.matches("input")) {
        event.preventDefault();
        this.apply();
      }
    });
    this.#paint();
  }
  #place = null;

  get #name() {
    return this.getAttribute("name") ?? "filter";
  }

  /** Go to the list with these conditions; page and cursor start anew. */
  apply() {
    const url = new URL(location.href);
    const filter = write(this.#tree);
    if (filter) url.searchParams.set(this.#name, filter);
    else url.searchParams.delete(this.#name);
    for (const name of ["after", "before", "page"]) url.searchParams.delete(name);
    location.assign(url);
  }

  #click = (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if ("filterApply" in button.dataset) return this.apply();
    if ("filterClear" in button.dataset) {
      this.#tree = ["and"];
      return this.apply();
    }
    const path = JSON.parse(button.dataset.path ?? "[]");
    const first = this.#fields[0];
    if ("filterAdd" in button.dataset) this.#tree = add(this.#tree, path, [first.ops[0], first.name, ""]);
    else if ("filterGroup" in button.dataset) this.#tree = add(this.#tree, path, [at(this.#tree, path)[0] === "and" ? "or" : "and", [first.ops[0], first.name, ""]]);
    else if ("filterRemove" in button.dataset) this.#tree = remove(this.#tree, path);
    else return undefined;
    return this.#paint();
  };

  #change = (event) => {
    const { path, part } = event.target.dataset;
    if (!path) return;
    event.stopPropagation();
    const where = JSON.parse(path);
    const node = [...at(this.#tree, where)];
    const value = event.target.value;
    if (part === "join") node[0] = value;
    else if (part === "field") node.splice(0, 3, this.#field(value).ops[0], value, "");
    else if (part === "op") node.splice(0, 3, value, node[1], value === "between" ? ["", ""] : Array.isArray(node[2]) ? "" : node[2]);
    else if (part === "from" || part === "to") node[2] = part === "from" ? [value, node[2]?.[1] ?? ""] : [node[2]?.[0] ?? "", value];
    else node[2] = node[0] === "in" ? value.split(/[,，;；\s]+/).filter(Boolean) : value;
    this.#tree = put(this.#tree, where, node);
    if (part !== "value" && part !== "from" && part !== "to") this.#paint();
  };

  #field(name) {
    return this.#fields.find((field) => field.name === name) ?? this.#fields[0];
  }

  #paint() {
    this.#place.replaceChildren(this.#group(this.#tree, []));
  }

  #group(tree, path) {
    const box = element("div", "filter-group");
    box.setAttribute("role", "group");
    const join = this.#select("join", path, [["and", text("filter.and")], ["or", text("filter.or")]], tree[0], text("filter.and"));
    const head = element("div", "filter-row");
    head.append(join);
    if (path.length) head.append(this.#button("filterRemove", path, "x", text("filter.remove")));
    box.append(head);
    tree.slice(1).forEach((part, i) => box.append(isGroup(part) ? this.#group(part, [...path, i]) : this.#row(part, [...path, i])));
    const foot = element("div", "filter-row");
    foot.append(this.#button("filterAdd", path, "plus", text("filter.add"), true));
    if (path.length < 2) foot.append(this.#button("filterGroup", path, "git-branch", text("filter.group"), true));
    box.append(foot);
    return box;
  }

  #row([op, name, value], path) {
    const field = this.#field(name);
    const row = element("div", "filter-row");
    row.append(
      this.#select("field", path, this.#fields.map((each) => [each.name, each.label]), field.name, text("filter.field")),
      this.#select("op", path, field.ops.map((each) => [each, field.opWords[each] ?? text(`op.${each}`)]), op, text("filter.operator")),
    );
    if (op === "between") row.append(this.#value("from", path, field, value?.[0]), this.#value("to", path, field, value?.[1]));
    else if (!NO_VALUE.has(op)) row.append(this.#value("value", path, field, Array.isArray(value) ? value.join(", ") : value));
    row.append(this.#button("filterRemove", path, "x", text("filter.remove")));
    return row;
  }

  #value(part, path, field, value) {
    const label = `${field.label} ${text("filter.value")}`;
    const choices = field.choices ?? (field.kind === "boolean" ? [["true", text("yes")], ["false", text("no")]] : null);
    if (choices) return this.#select(part, path, [["", "–"], ...choices], String(value ?? ""), label);
    if (field.lookup) return this.#lookup(part, path, field, value, label);
    const input = element("input", "form-control form-control-sm");
    input.type = KINDS[field.kind] ?? "text";
    if (field.kind === "decimal" || field.kind === "quantity") input.inputMode = "decimal";
    input.value = value ?? "";
    return this.#wire(input, part, path, label);
  }

  /** A reference is chosen by its name and kept by its id; the name is remembered while the browser is open. */
  #lookup(part, path, field, value, label) {
    const picker = element("mes-reference", "");
    picker.setAttribute("url", field.lookup);
    picker.setAttribute("value", value ?? "");
    picker.setAttribute("label", value ? (sessionStorage.getItem(`takt.label.${value}`) ?? value) : "");
    const input = element("input", "form-control form-control-sm");
    input.setAttribute("aria-label", label);
    picker.append(input);
    picker.addEventListener("change", (event) => {
      if (!event.target.matches("[type=hidden]")) return;
      event.stopPropagation();
      if (picker.value) sessionStorage.setItem(`takt.label.${picker.value}`, picker.getAttribute("label"));
      const node = [...at(this.#tree, path)];
      node[2] = node[0] === "in" ? [picker.value].filter(Boolean) : picker.value;
      this.#tree = put(this.#tree, path, node);
    });
    return picker;
  }

  #foot() {
    const foot = element("div", "filter-row");
    for (const [does, css, key] of [["filterApply", "btn btn-sm btn-primary", "filter.apply"], ["filterClear", "btn btn-sm", "filter.clear"]]) {
      const button = Object.assign(element("button", css), { type: "button", textContent: text(key) });
      button.dataset[does] = "";
      foot.append(button);
    }
    return foot;
  }

  #select(part, path, options, value, label) {
    const select = element("select", "form-select form-select-sm");
    select.append(...options.map(([key, words]) => new Option(words, key, key === value, key === value)));
    return this.#wire(select, part, path, label);
  }

  #wire(node, part, path, label) {
    node.dataset.path = JSON.stringify(path);
    node.dataset.part = part;
    node.setAttribute("aria-label", label);
    return node;
  }

  #button(does, path, glyph, words, named = false) {
    const button = element("button", `btn btn-sm btn-ghost ${named ? "" : "btn-icon"}`);
    button.type = "button";
    button.dataset[does] = "";
    button.dataset.path = JSON.stringify(path);
    button.append(icon(glyph, "icon-sm"));
    if (named) button.append(words);
    else button.setAttribute("aria-label", words);
    return button;
  }
}

function plainField(field) {
  const ops = field.ops.map((op) => op.key ?? op);
  const opWords = Object.fromEntries(field.ops.filter((op) => op.key).map((op) => [op.key, op.label]));
  const choices = field.choices?.map((choice) => (Array.isArray(choice) ? choice : [choice.value, choice.label]));
  return { ...field, ops, opWords, choices };
}

function element(tag, css) {
  return Object.assign(document.createElement(tag), { className: css });
}
customElements.define("mes-filter", FilterBuilder);
