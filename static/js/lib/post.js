/** A plain form post with the page's CSRF mark; resolves to the Response, throws only without network. */
export function csrf() {
  const headers = document.body.getAttribute("hx-headers");
  return headers ? (JSON.parse(headers)["X-CSRFToken"] ?? "") : "";
}

/** @param {Record<string, string> | [string, string][] | URLSearchParams} fields */
export function post(url, fields, headers = {}) {
  return fetch(url, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "X-CSRFToken": csrf(), "X-Requested-With": "takt", ...headers },
    credentials: "same-origin",
  });
}
