/** Numbers as text, exact: no floats between a field and its sum. */

/** "１，２３４．５０" or " 1,234.50 " → "1234.50"; null when it is not a number. */
export function clean(source) {
  const plain = String(source ?? "")
    .normalize("NFKC")
    .replaceAll("\u2212", "-")
    .replace(/[\s,_']/g, "");
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? plain.replace(/^\+/, "") : null;
}

/** Add decimal texts exactly; blanks and words are skipped as a sum row in Excel does. */
export function sum(sources) {
  const numbers = sources.map(clean).filter((number) => number !== null);
  const places = Math.max(0, ...numbers.map((number) => (number.split(".")[1] ?? "").length));
  const total = numbers.reduce((all, number) => all + scaled(number, places), 0n);
  return unscaled(total, places);
}

function scaled(number, places) {
  const minus = number.startsWith("-");
  const [whole, part = ""] = number.replace("-", "").split(".");
  const value = BigInt((whole || "0") + part.padEnd(places, "0"));
  return minus ? -value : value;
}

function unscaled(total, places) {
  const minus = total < 0n ? "-" : "";
  const digits = (total < 0n ? -total : total).toString().padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const part = places ? digits.slice(-places).replace(/0+$/, "") : "";
  return minus + whole + (part ? `.${part}` : "");
}

/** "-1234.50" → "−1,234.5", as the server writes it. */
export function shown(source) {
  const number = clean(source);
  if (number === null) return "–";
  const [whole, part = ""] = number.replace("-", "").split(".");
  const grouped = whole.replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+$)/g, ",") || "0";
  const rest = part.replace(/0+$/, "");
  const minus = number.startsWith("-") && /[1-9]/.test(number) ? "\u2212" : "";
  return minus + grouped + (rest ? `.${rest}` : "");
}
