/** Functions over numbers, text and lists; see `kernel/expressions/{numbers,texts,lists}.py` for what each promises. */
import Decimal from "decimal.js";
import {
  Day, MAX_ITEMS, Num, Wide, add, checked, dayOf, divError, equal, isNum, isTime, less, localParts, Moment, multiply,
  numError, number, rounded, size, text, textChecked, textJoined, valueError, whole,
} from "./fx_values.js";

const ZERO = new Num(0);
const ONE = new Num(1);

// --- numbers ---------------------------------------------------------------------------------------------

function roundTo(value, places, mode) {
  const count = whole(places);
  if (count < -30 || count > 30) throw numError();
  return rounded(new Wide(value).times(`1e${count}`).toDecimalPlaces(0, mode).times(`1e${-count}`));
}

/** value − divisor × ⌊value ÷ divisor⌋, exactly. */
function remainder(value, divisor) {
  const rest = new Wide(value).mod(divisor);
  return !rest.isZero() && rest.isNeg() !== divisor.isNeg() ? rest.plus(divisor) : rest;
}

function step(value) {
  if (value.lte(0)) throw numError();
  return value;
}

function value(env, words) {
  if (words.length > 100 || !/^[ \t\r\n]*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?[ \t\r\n]*%?[ \t\r\n]*$/.test(words)) {
    throw valueError();
  }
  const plain = words.trim();
  const figure = new Num(plain.replace("%", "").trim().replace(/^\+/, "")).toSignificantDigits(34);
  return checked(plain.endsWith("%") ? Num.mul(figure, "0.01") : figure);
}

// --- text --------------------------------------------------------------------------------------------------

function count(value) {
  const figure = whole(value);
  if (figure < 0) throw valueError();
  return figure;
}

function place(value) {
  const figure = count(value);
  if (figure < 1) throw valueError();
  return figure;
}

function search(env, wanted, words, start = ONE) {
  const first = place(start) - 1;
  const [hay, needle] = [[...words.toLowerCase()], [...wanted.toLowerCase()]];
  for (let at = first; at + needle.length <= hay.length; at++) {
    if (needle.every((char, index) => hay[at + index] === char)) return new Num(at + 1);
  }
  throw valueError();
}

function replace(env, words, start, taken, fresh) {
  const first = place(start) - 1;
  const characters = [...words];
  return textChecked(characters.slice(0, first).join("") + fresh + characters.slice(first + count(taken)).join(""));
}

function substitute(env, words, old, fresh) {
  if (words === null || !old) return words;
  const times = words.split(old).length - 1;
  if (size(words) + times * (size(fresh ?? "") - size(old)) > 1_000_000) throw valueError();
  return words.replaceAll(old, () => fresh ?? "");
}

function numberFormat(value, pattern) {
  const match = /^(#,##)?0(\.0{1,20})?(%)?$/.exec(pattern);
  if (!match) throw valueError();
  const places = match[2] ? match[2].length - 1 : 0;
  const figure = match[3] ? new Wide(value).times(100) : new Wide(value);
  const near = figure.toDecimalPlaces(places, Decimal.ROUND_HALF_UP);
  let [before, after] = near.abs().toFixed(places).split(".");
  if (match[1]) before = before.replace(/(?<=\d)(?=(\d{3})+$)/g, ",");
  return `${near.lt(0) ? "-" : ""}${before}${after === undefined ? "" : `.${after}`}${match[3] ?? ""}`;
}

function dateFormat(value, pattern, env) {
  if (size(pattern) > 100) throw valueError();
  const parts = value instanceof Moment ? localParts(value, env.zone) : value.parts;
  const figures = { y: parts.year, m: parts.month, d: parts.day, h: parts.hour ?? 0, s: parts.second ?? 0 };
  let afterHour = false;
  return pattern.replace(/yyyy|yy|mm|m|dd|d|hh|h|ss/gi, (part, at) => {
    const key = part[0].toLowerCase();
    let figure = figures[key];
    // As in Excel, mm after hours or before seconds are minutes.
    if (key === "m" && (afterHour || /^[^a-zA-Z]*ss/i.test(pattern.slice(at + part.length)))) figure = parts.minute ?? 0;
    afterHour = key === "h";
    if (part.toLowerCase() === "yy") return String(figure % 100).padStart(2, "0");
    return String(figure).padStart(part.length, "0");
  });
}

function textFormat(env, value, pattern = null) {
  if (pattern === null || typeof value === "string" || typeof value === "boolean") return text(value);
  if (isNum(value)) return numberFormat(value, pattern);
  if (isTime(value)) return dateFormat(value, pattern, env);
  throw valueError();
}

// --- lists -------------------------------------------------------------------------------------------------

/** The entries that are filled in, lists opened. */
function filled(values) {
  return values.flat(1).filter((value) => value !== null && value !== "");
}

function numbers(values) {
  const found = filled(values);
  found.forEach(number);
  return found;
}

const total = (found) => found.reduce(add, ZERO);

function extreme(env, values, largest) {
  let best = null;
  for (const value of filled(values)) {
    if (!isNum(value) && !isTime(value)) throw valueError();
    if (best === null) {
      best = value;
      continue;
    }
    const same = isNum(value) ? isNum(best) : !isNum(best) && value instanceof Day === best instanceof Day;
    if (!same) throw valueError();
    if (largest ? less(best, value, env) : less(value, best, env)) best = value;
  }
  return best;
}

const asList = (value) => (Array.isArray(value) ? value : [value]);

/** Read `>5`, `<>open`, `>=2026-11-01`, or a plain value. */
function criterion(wanted) {
  if (Array.isArray(wanted)) throw valueError();
  if (typeof wanted !== "string") return ["=", wanted];
  const match = /^(<>|<=|>=|=|<|>)(.*)$/s.exec(wanted);
  const [sign, rest] = match ? [match[1], match[2]] : ["=", wanted];
  const short = rest.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  if (/^[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})$/.test(short)) return [sign, new Num(short.replace(/^\+/, ""))];
  return [sign, (match && Day.parse(short)) || rest];
}

function alike(a, b) {
  if (isNum(a)) return isNum(b);
  if (isTime(a)) return isTime(b) && a instanceof Day === b instanceof Day;
  return typeof a === typeof b && typeof a !== "boolean" && !Array.isArray(a) && !Array.isArray(b);
}

function meets(value, sign, wanted, env) {
  if (sign === "=" || sign === "<>") return equal(value, wanted, env) === (sign === "=");
  if (value === null || wanted === null || !alike(value, wanted)) return false;
  if (sign === "<") return less(value, wanted, env);
  if (sign === ">") return less(wanted, value, env);
  return sign === "<=" ? !less(wanted, value, env) : !less(value, wanted, env);
}

function sumIf(env, values, wanted, amounts = null) {
  if (Array.isArray(wanted)) throw valueError();
  const tested = asList(values);
  const added = amounts === null ? tested : asList(amounts);
  if (added.length !== tested.length) throw valueError();
  const [sign, right] = criterion(wanted);
  return total(numbers([added.filter((_, at) => meets(tested[at], sign, right, env))]));
}

function sumProduct(env, ...columns) {
  const rows = columns.map(asList);
  if (new Set(rows.map((row) => row.length)).size !== 1) throw valueError();
  let sum = ZERO;
  for (let at = 0; at < rows[0].length; at++) {
    const entries = rows.map((row) => row[at]);
    if (entries.some((entry) => entry !== null && !isNum(entry))) throw valueError();
    if (!entries.includes(null)) sum = add(sum, entries.reduce(multiply, ONE));
  }
  return sum;
}

function split(env, words, separator) {
  if (!separator) throw valueError();
  const parts = words.split(separator);
  if (parts.length > MAX_ITEMS) throw valueError();
  return parts;
}

function average(env, ...values) {
  const found = numbers(values);
  if (!found.length) throw divError();
  return checked(Num.div(total(found), found.length));
}

/** name → [kinds of the parameters, code]; the last kind stands for all further ones, `!` = takes empty itself. */
export const FUNCTIONS = {
  NOT: ["b", (env, a) => !a],
  XOR: ["b", (env, ...all) => all.filter(Boolean).length % 2 === 1],
  ISBLANK: ["*!", (env, a) => a === null || a === "" || (Array.isArray(a) && !a.length)],
  SUM: ["l!", (env, ...all) => total(numbers(all))],
  AVERAGE: ["l!", average],
  MIN: ["l!", (env, ...all) => extreme(env, all, false)],
  MAX: ["l!", (env, ...all) => extreme(env, all, true)],
  COUNT: ["l!", (env, ...all) => new Num(filled(all).length)],
  COUNTIF: ["lv!", (env, values, wanted) => {
    const [sign, right] = criterion(wanted);
    return new Num(asList(values).filter((value) => meets(value, sign, right, env)).length);
  }],
  SUMIF: ["lvl!", sumIf],
  SUMPRODUCT: ["l!", sumProduct],
  JOIN: ["ls!", (env, values, separator) => textJoined(separator ?? "", filled([values]).map(text))],
  SPLIT: ["ss", split],
  ROUND: ["nn", (env, a, places = ZERO) => roundTo(a, places, Decimal.ROUND_HALF_UP)],
  ROUNDUP: ["nn", (env, a, places = ZERO) => roundTo(a, places, Decimal.ROUND_UP)],
  ROUNDDOWN: ["nn", (env, a, places = ZERO) => roundTo(a, places, Decimal.ROUND_DOWN)],
  INT: ["n", (env, a) => checked(a.floor())],
  MOD: ["nn", (env, a, b) => {
    if (b.isZero()) throw divError();
    return rounded(remainder(a, b));
  }],
  ABS: ["n", (env, a) => a.abs()],
  FLOOR: ["nn", (env, a, by = ONE) => rounded(new Wide(a).minus(remainder(a, step(by))))],
  CEILING: ["nn", (env, a, by = ONE) => {
    const rest = remainder(a, step(by));
    const steps = new Wide(a).minus(rest);
    return rounded(rest.isZero() ? steps : steps.plus(by));
  }],
  VALUE: ["s", value],
  CONCATENATE: ["s!", (env, ...all) => textJoined("", all.map(text))],
  TEXT: ["vs", textFormat],
  LEFT: ["sn", (env, words, taken = ONE) => [...words].slice(0, count(taken)).join("")],
  RIGHT: ["sn", (env, words, taken = ONE) => {
    const figure = count(taken);
    return figure ? [...words].slice(-figure).join("") : "";
  }],
  MID: ["snn", (env, words, start, taken) => {
    const first = place(start) - 1;
    return [...words].slice(first, first + count(taken)).join("");
  }],
  LEN: ["s!", (env, words) => new Num(size(words ?? ""))],
  TRIM: ["s", (env, words) => words.split(" ").filter(Boolean).join(" ")],
  UPPER: ["s", (env, words) => textChecked(words.toUpperCase())],
  LOWER: ["s", (env, words) => textChecked(words.toLowerCase())],
  SEARCH: ["ssn", search],
  REPLACE: ["snns", replace],
  SUBSTITUTE: ["sss!", substitute],
  EXACT: ["ss", (env, a, b) => a === b],
  DAYS: ["dd", (env, end, start) => new Num(dayOf(end, env).days - dayOf(start, env).days)],
};
