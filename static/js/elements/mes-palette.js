/**
 * `<mes-palette url="/api/v1/search">`: Ctrl+K finds pages (from the menu), records (from the server) and, after `>`,
 * commands (buttons of this page and those the frame gives as [{label, url, icon}]).
 */
import { rank } from "../lib/ranking.js";
import { icon, text } from "../lib/texts.js";

export class CommandPalette extends HTMLElement {
  #before = null;
  #choices = [];
  #now = 0;
  #timer = 0;
  #asking = null;

  connectedCallback() {
    const dialog = this.#dialog;
    dialog.addEventListener("close", () => this.#before?.focus?.());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
      const row = event.target.closest("[role=option]");
      if (row) this.#go(Number(row.dataset.at), event.ctrlKey || event.metaKey);
    });
    this.#input.addEventListener("input", () => this.#search());
    this.#input.addEventListener("keydown", this.#key);
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  get #input() {
    return this.querySelector("input");
  }

  show() {
    if (this.#dialog.open) return;
    this.#before = document.activeElement;
    this.#input.value = "";
    this.#dialog.showModal();
    this.#search();
  }

  #key = (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.#now = (this.#now + step + this.#choices.length) % Math.max(1, this.#choices.length);
      this.#mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.#go(this.#now, event.ctrlKey || event.metaKey);
    }
  };

  #search() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    const query = this.#input.value.trim();
    if (query.startsWith(">")) {
      this.#paint([[text("palette.commands"), rank(this.#commands(), query.slice(1), (entry) => entry.label)]], query);
      return;
    }
    const pages = rank(this.#pages(), query, (entry) => entry.label);
    const asks = query.length >= 2;
    this.#paint([[text("palette.pages"), pages]], query, asks ? text("palette.loading") : "");
    if (asks) this.#timer = setTimeout(() => this.#ask(query, pages), 150);
  }

  async #ask(query, pages) {
    this.#asking = new AbortController();
    try {
      const url = `${this.getAttribute("url")}?q=${encodeURIComponent(query)}`;
      const answer = await fetch(url, { signal: this.#asking.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const { results = [] } = await answer.json();
      const records = results.map((each) => ({ label: each.label ?? each.title, url: each.url, icon: each.icon ?? "file-text", kind: each.kind ?? each.entity_label ?? "" }));
      this.#paint([[text("palette.records"), records], [text("palette.pages"), pages]], query);
    } catch (error) {
      if (error.name !== "AbortError") this.#paint([[text("palette.pages"), pages]], query, text("palette.failed"));
    }
  }

  #pages() {
    return [...document.querySelectorAll(".menu-link")].map((link) => ({
      label: link.querySelector(".menu-text").textContent.trim(),
      url: link.href,
      icon: link.querySelector("use")?.getAttribute("href").split("#")[1] ?? "file-text",
      kind: link.closest("section")?.querySelector(".menu-group")?.textContent.trim() ?? "",
    }));
  }

  #commands() {
    const here = [...document.querySelectorAll("[data-command]")].map((button) => ({
      label: button.dataset.command || button.textContent.trim(),
      icon: "command",
      run: () => button.click(),
    }));
    const given = JSON.parse(document.getElementById("palette-commands")?.textContent || '""') || [];
    return [...here, ...given.map((entry) => ({ icon: "command", ...entry }))];
  }

  #paint(groups, query, note = "") {
    const list = this.querySelector("[role=listbox]");
    list.replaceChildren();
    this.#choices = [];
    this.#now = 0;
    for (const [title, entries] of groups) {
      if (!entries.length) continue;
      list.append(row("palette-head", title));
      for (const entry of entries) {
        const item = row("", "");
        item.setAttribute("role", "option");
        item.id = `palette-${this.#choices.length}`;
        item.dataset.at = String(this.#choices.length);
        item.append(icon(entry.icon), entry.label);
        if (entry.kind) item.append(span("palette-kind", entry.kind));
        list.append(item);
        this.#choices.push(entry);
      }
    }
    if (note) list.append(row("palette-head", note));
    else if (!this.#choices.length) list.append(row("palette-head", text("palette.none", { q: query })));
    this.#mark();
  }

  #mark() {
    for (const option of this.querySelectorAll("[role=option]")) {
      const on = Number(option.dataset.at) === this.#now;
      option.setAttribute("aria-selected", String(on));
      if (on) {
        option.scrollIntoView({ block: "nearest" });
        this.#input.setAttribute("aria-activedescendant", option.id);
      }
    }
  }

  #go(at, newTab) {
    const entry = this.#choices[at];
    if (!entry) return;
    this.#dialog.close();
    if (entry.run) entry.run();
    else if (newTab) window.open(entry.url, "_blank", "noopener");
    else location.assign(entry.url);
  }
}

function row(css, words) {
  const item = document.createElement("li");
  item.className = css;
  item.textContent = words;
  if (css) item.setAttribute("role", "presentation");
  return item;
}

function span(css, words) {
  const node = document.createElement("span");
  node.className = css;
  node.textContent = words;
  return node;
}
customElements.define("mes-palette", CommandPalette);
