/** What happens around every htmx request: busy buttons, words for failures, the server's own toasts. */
import htmx from "htmx";
import { announce, say } from "./announce.js";

const waiting = new WeakSet();

export function watchRequests() {
  document.addEventListener("htmx:beforeRequest", ({ detail }) => busy(detail.requestConfig?.triggeringEvent?.submitter, true));
  document.addEventListener("htmx:afterRequest", ({ detail }) => busy(detail.requestConfig?.triggeringEvent?.submitter, false));
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, ({ detail }) => {
      // What is sent from an offline place is kept and said there; what was only to be fetched has to be asked for again.
      const place = detail.elt.closest("[data-offline], [data-quiet]");
      if (place && (!place.matches("[data-offline]") || detail.requestConfig?.verb === "post")) return;
      announce("net.failed", {}, { tone: "short", act: { label: "toast.retry", run: () => again(detail) } });
    });
  }
  document.addEventListener("htmx:beforeSwap", keepQuestion);
  document.addEventListener("htmx:responseError", ({ detail }) => refused(detail));
  // HX-Trigger: {"toast": {"text": "…", "tone": "ok", "undo": "/url"}}
  document.addEventListener("toast", ({ detail }) => {
    const act = detail.undo && { label: "toast.undo", run: () => htmx.ajax("POST", detail.undo, { swap: "none" }).catch(() => undefined) };
    say(detail.text ?? detail.value, { tone: detail.tone, act, seconds: detail.undo ? 10 : undefined });
  });
}

/** A live region read anew would take an open question away with what was typed: it waits until that is closed. */
function keepQuestion(event) {
  const question = document.querySelector("mes-dialog dialog[open]");
  const region = event.detail.requestConfig?.elt;
  if (!question || !region?.matches("[data-topic]")) return;
  event.detail.shouldSwap = false;
  if (waiting.has(region)) return;
  waiting.add(region);
  question.addEventListener(
    "close",
    () => {
      waiting.delete(region);
      region.dispatchEvent(new CustomEvent("refresh", { bubbles: false }));
    },
    { once: true },
  );
}

function busy(button, on) {
  if (!(button instanceof HTMLElement)) return;
  if (on) button.setAttribute("aria-busy", "true");
  else button.removeAttribute("aria-busy");
}

function again({ elt, requestConfig }) {
  if (!requestConfig) return;
  htmx.ajax(requestConfig.verb.toUpperCase(), requestConfig.path, { source: elt, target: requestConfig.target, values: requestConfig.parameters }).catch(() => undefined);
}

function refused({ xhr }) {
  if (xhr.status === 401) announce("net.login", {}, { tone: "risk" });
  else if (xhr.status === 403) announce("net.denied", {}, { tone: "risk" });
  else announce("net.error", { code: xhr.status, id: xhr.getResponseHeader("X-Request-ID") ?? "–" }, { tone: "short" });
}
