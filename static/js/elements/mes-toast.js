/** `<mes-toast>` shows short messages: those the server left in `<template>`s, and `mes:toast` events. */
import { icon, text } from "../lib/texts.js";

const TONES = { success: "ok", warning: "risk", error: "short", danger: "short" };

export class ToastShelf extends HTMLElement {
  #take = ({ detail }) => this.show(detail);

  connectedCallback() {
    document.addEventListener("mes:toast", this.#take);
    for (const left of this.querySelectorAll("template")) {
      this.show({ text: left.content.textContent, tone: left.dataset.tone });
      left.remove();
    }
  }

  disconnectedCallback() {
    document.removeEventListener("mes:toast", this.#take);
  }

  show({ text: words, tone = "info", act = null, seconds = 0 }) {
    const name = TONES[tone] ?? tone;
    const item = document.createElement("div");
    item.className = `toast-item is-${name}`;
    item.setAttribute("role", name === "short" ? "alert" : "status");
    const mark = document.createElement("i");
    mark.className = `mark mark-${name}`;
    const body = document.createElement("div");
    body.className = "toast-text";
    body.textContent = words;
    item.append(mark, body);
    if (act) item.append(this.#button(text(act.label), "toast-act", () => (act.run(), item.remove())));
    const close = this.#button("", "", () => item.remove());
    close.setAttribute("aria-label", text("toast.close"));
    close.append(icon("x", "icon-sm"));
    item.append(close);
    this.append(item);
    while (this.children.length > 4) this.firstElementChild.remove();
    // A failure stays until it is read; the rest leaves by itself, never under the pointer.
    const life = seconds || (name === "short" ? 0 : act ? 10 : 5);
    if (life) this.#leave(item, life * 1000);
    return item;
  }

  #leave(item, ms) {
    setTimeout(() => (item.matches(":hover, :focus-within") ? this.#leave(item, 2000) : item.remove()), ms);
  }

  #button(label, css, run) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = css;
    button.textContent = label;
    button.addEventListener("click", run);
    return button;
  }
}
customElements.define("mes-toast", ToastShelf);
