/**
 * Values of the formula language and what operators do with them, exactly as `kernel/expressions/values.py`:
 * numbers of 34 figures (decimal.js), text, booleans, `Day`, `Moment`, arrays of these, and null for empty.
 */
import Decimal from "decimal.js";

const PLAIN = { toExpNeg: -9e15, toExpPos: 9e15, rounding: Decimal.ROUND_HALF_EVEN };
/** 34 significant figures, half to even: what every result is rounded to. */
export const Num = Decimal.clone({ ...PLAIN, precision: 34 });
/** Wide enough for exact products, remainders and shifts before that rounding. */
export const Wide = Decimal.clone({ ...PLAIN, precision: 100, modulo: Decimal.ROUND_DOWN });

export const DAY_MS = 86_400_000;
const MAX_TEXT = 1_000_000;
export const MAX_ITEMS = 10_000;
/** Entries of sub-tables one formula may go through, however often it names them. */
export const MAX_WORK = 100_000;
const MAX_POWER = 64;
const FIRST_DAY = -25567;
const LAST_DAY = 376199;

/** A formula's own error, e.g. `#DIV/0!`; IFERROR catches it. */
export class FxError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}
export const valueError = () => new FxError("#VALUE!");
export const numError = () => new FxError("#NUM!");
export const divError = () => new FxError("#DIV/0!");

/** A calendar day, counted from 1970-01-01. */
export class Day {
  constructor(days) {
    this.days = days;
  }

  /** Make a day from "2026-11-24"; null if it is none. */
  static parse(text) {
    const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
    if (!match) return null;
    const [year, month, day] = match.slice(1).map(Number);
    const days = daysOf(year, month, day);
    const back = new Day(days).parts;
    return back.month === month && back.day === day ? new Day(days) : null;
  }

  get parts() {
    const date = new Date(this.days * DAY_MS);
    return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
  }

  toString() {
    return new Date(this.days * DAY_MS).toISOString().slice(0, 10);
  }
}

/** A moment in whole milliseconds since 1970. */
export class Moment {
  constructor(ms) {
    this.ms = ms;
  }

  toString() {
    return new Date(this.ms).toISOString();
  }
}

export const daysOf = (year, month, day) => Math.round(Date.UTC(year, month - 1, day) / DAY_MS);
export const isNum = (value) => Decimal.isDecimal(value);
export const isTime = (value) => value instanceof Day || value instanceof Moment;

/** What kind a value is, so that unlike things are never compared. */
function kindOf(value) {
  if (isNum(value)) return "number";
  if (value instanceof Day) return "day";
  if (value instanceof Moment) return "moment";
  return Array.isArray(value) ? "list" : typeof value;
}

/** Turn a field's value into one of the language. */
export function fxValue(value) {
  if (value === null || value === undefined) return null;
  if (isNum(value) || isTime(value) || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return new Num(String(value));
  if (Array.isArray(value)) {
    if (value.length > MAX_ITEMS) throw numError();
    return value.map(fxValue);
  }
  return String(value.id ?? value);
}

/** Refuse numbers outside 10^-40 … 10^28. */
export function checked(value) {
  if (value.isZero()) return new Num(0);
  if (!value.isFinite() || value.e < -40 || value.e >= 28) throw numError();
  return value;
}

export const rounded = (value) => checked(new Num(value).toSignificantDigits(34));

export function number(value) {
  if (isNum(value)) return value;
  throw valueError();
}

/** A number with its decimals cut, for positions and lengths. */
export function whole(value) {
  const figure = number(value);
  if (figure.abs().gte(1e9)) throw numError();
  return figure.trunc().toNumber();
}

/** Any single value as text. */
export function text(value) {
  if (typeof value === "string") return value;
  if (value === null) return "";
  if (isNum(value)) return numberText(value);
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (isTime(value)) return value.toString();
  throw valueError();
}

export function numberText(value) {
  const words = value.toFixed();
  const short = words.includes(".") ? words.replace(/\.?0+$/, "") : words;
  return short === "-0" ? "0" : short;
}

/** How many characters (code points) a text has. */
export function size(words) {
  let count = words.length;
  for (let at = 0; at < words.length - 1; at++) {
    const unit = words.charCodeAt(at);
    if (unit >= 0xd800 && unit < 0xdc00) {
      const next = words.charCodeAt(at + 1);
      if (next >= 0xdc00 && next < 0xe000) count--;
    }
  }
  return count;
}

export function textChecked(words) {
  if (words.length > MAX_TEXT && size(words) > MAX_TEXT) throw valueError();
  return words;
}

export function textJoined(separator, parts) {
  const total = parts.reduce((sum, part) => sum + size(part), 0) + size(separator) * Math.max(parts.length - 1, 0);
  if (total > MAX_TEXT) throw valueError();
  return parts.join(separator);
}

export function boolean(value) {
  if (value === null || typeof value === "boolean") return value;
  throw valueError();
}

const formats = new Map();

/** Calendar parts of a moment in a zone: {year, month, day, hour, minute, second}. */
export function localParts(moment, zone) {
  let format = formats.get(zone);
  if (!format) {
    const numeric = Object.fromEntries(["year", "month", "day", "hour", "minute", "second"].map((k) => [k, "numeric"]));
    format = new Intl.DateTimeFormat("en-u-ca-gregory", { ...numeric, timeZone: zone, hourCycle: "h23" });
    formats.set(zone, format);
  }
  const parts = {};
  for (const { type, value } of format.formatToParts(new Date(moment.ms))) parts[type] = Number(value);
  return parts;
}

/** The calendar day of a day or a moment, in the plant's zone. */
export function dayOf(value, env) {
  if (value instanceof Day) return value;
  if (value instanceof Moment) {
    const { year, month, day } = localParts(value, env.zone);
    return new Day(daysOf(year, month, day));
  }
  throw valueError();
}

export function dayMade(days) {
  if (days < FIRST_DAY || days > LAST_DAY) throw numError();
  return new Day(days);
}

export function momentMade(ms) {
  if (ms < FIRST_DAY * DAY_MS || ms >= (LAST_DAY + 1) * DAY_MS) throw numError();
  return new Moment(ms);
}

/** A whole Decimal as a JS number, refusing what is out of all reach. */
export function bounded(value) {
  if (value.abs().gte(1e15)) throw numError();
  return value.trunc().toNumber();
}

function arithmeticKind(value) {
  if (typeof value === "string" || typeof value === "boolean" || Array.isArray(value)) throw valueError();
}

function shift(time, days) {
  if (time instanceof Moment) {
    const ms = new Wide(days).times(DAY_MS).toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN);
    return momentMade(time.ms + bounded(ms));
  }
  if (!days.isInteger()) throw valueError();
  return dayMade(time.days + bounded(days));
}

export function add(a, b) {
  if (a === null || b === null) {
    arithmeticKind(a);
    arithmeticKind(b);
    return null;
  }
  if (isNum(a) && isNum(b)) return checked(Num.add(a, b));
  if (isTime(a) && isNum(b)) return shift(a, b);
  if (isNum(a) && isTime(b)) return shift(b, a);
  throw valueError();
}

export function subtract(a, b) {
  if (a === null || b === null) {
    arithmeticKind(a);
    arithmeticKind(b);
    return null;
  }
  if (isNum(a) && isNum(b)) return checked(Num.sub(a, b));
  if (isTime(a)) {
    if (isNum(b)) return shift(a, b.neg());
    if (a instanceof Moment && b instanceof Moment) return checked(Num.div(a.ms - b.ms, DAY_MS));
    if (a instanceof Day && b instanceof Day) return new Num(a.days - b.days);
  }
  throw valueError();
}

function emptyOrWrong(a, b) {
  if ((a === null || isNum(a)) && (b === null || isNum(b))) return null;
  throw valueError();
}

export function multiply(a, b) {
  return isNum(a) && isNum(b) ? checked(Num.mul(a, b)) : emptyOrWrong(a, b);
}

export function divide(a, b) {
  if (!isNum(a) || !isNum(b)) return emptyOrWrong(a, b);
  if (b.isZero()) throw divError();
  return checked(Num.div(a, b));
}

/** A whole power of at most 64 by squaring, each product rounded, as the server does it. */
export function power(a, b) {
  if (!isNum(a) || !isNum(b)) return emptyOrWrong(a, b);
  if (!b.isInteger() || b.abs().gt(MAX_POWER)) throw numError();
  const exponent = b.toNumber();
  if (a.isZero()) {
    if (exponent < 0) throw divError();
    if (exponent === 0) throw numError();
  }
  let [result, base, left] = [new Num(1), a, Math.abs(exponent)];
  while (left) {
    if (left & 1) result = checked(Num.mul(result, base));
    left >>= 1;
    if (left) base = checked(Num.mul(base, base));
  }
  return exponent < 0 ? checked(Num.div(1, result)) : result;
}

export function negate(a) {
  return a === null ? null : checked(new Num(number(a).neg()));
}

export function equal(a, b, env) {
  if (a === "") a = null;
  if (b === "") b = null;
  if (a === null || b === null) return a === b;
  const [left, right] = [kindOf(a), kindOf(b)];
  if (left === "list" || right === "list") throw valueError();
  if (isTime(a) && isTime(b) && left !== right) return dayOf(a, env).days === dayOf(b, env).days;
  if (left !== right) return false;
  if (left === "number") return a.eq(b);
  if (left === "day") return a.days === b.days;
  return left === "moment" ? a.ms === b.ms : a === b;
}

/** Compare by code point: UTF-16 puts surrogates below U+E000, code points do not. */
function textBelow(a, b) {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    let [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left === right) continue;
    if (left >= 0xd800 && right >= 0xd800) {
      left = left >= 0xe000 ? left - 0x2000 : left + 0x2000;
      right = right >= 0xe000 ? right - 0x2000 : right + 0x2000;
    }
    return left < right;
  }
  return a.length < b.length;
}

export function less(a, b, env) {
  if (a === null || b === null) {
    for (const side of [a, b]) if (typeof side === "boolean" || Array.isArray(side)) throw valueError();
    return null;
  }
  if (isTime(a) && isTime(b)) {
    if (a instanceof Day && b instanceof Day) return a.days < b.days;
    if (a instanceof Moment && b instanceof Moment) return a.ms < b.ms;
    return dayOf(a, env).days < dayOf(b, env).days;
  }
  if (isNum(a) && isNum(b)) return a.lt(b);
  if (typeof a === "string" && typeof b === "string") return textBelow(a, b);
  throw valueError();
}
