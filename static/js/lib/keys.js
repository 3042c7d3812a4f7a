/** Keys that make a repeated post harmless, and whether a key press belongs to someone who is typing. */

/** A new idempotency key; works on plain http too, where `randomUUID` is missing. */
export function newKey() {
  if (globalThis.crypto?.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** True in a field, or while an input method is putting a Chinese word together. */
export function typing(event) {
  if (event.isComposing || event.keyCode === 229) return true;
  const target = event.target;
  return Boolean(target?.closest?.("input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, [contenteditable=true]"));
}
