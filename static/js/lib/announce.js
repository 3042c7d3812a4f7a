/** Say something in a toast from anywhere: `announce("copy.done", { text })`, or ready words with `say`. */
import { text } from "./texts.js";

/** @param {{tone?: "info"|"ok"|"risk"|"short", act?: {label: string, run: () => void}, seconds?: number}} options */
export function say(words, options = {}) {
  document.dispatchEvent(new CustomEvent("mes:toast", { detail: { text: words, ...options } }));
}

export function announce(key, values, options) {
  say(text(key, values), options);
}
