/** The page's words: `text("due.in", { span: "49 min" })`. They are printed by the server in the reader's language. */

let book = null;

function load() {
  if (book) return book;
  const node = globalThis.document?.getElementById("screen-texts");
  book = node ? JSON.parse(node.textContent) : { texts: {}, places: {} };
  return book;
}

/** What the server's clock said when it wrote the page, and how fast it runs: {now, speed}; null on a page without. */
export function plantClock() {
  return load().clock ?? null;
}

/** Fill `{name}` places of a sentence. An unknown place stays as it is, so that a mistake is seen. */
export function fill(sentence, values = {}) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export function text(key, values) {
  return fill(load().texts[key] ?? key, values);
}

/** Where a built file lies: "icons" or "decoder". */
export function place(name) {
  return load().places[name] ?? "";
}

/** A use of the icon sprite, hidden from screen readers. */
export function icon(name, css = "") {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("class", `icon ${css}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(ns, "use");
  use.setAttribute("href", `${place("icons")}#${name}`);
  svg.append(use);
  return svg;
}
