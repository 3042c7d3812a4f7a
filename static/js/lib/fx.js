/**
 * The formula language in the browser: runs the same JSON tree the server made, with the same answers.
 *
 *   const run = compile(tree);
 *   evaluate(run, { values: { qty: coerce("number", "12.5") }, now: Date.now(), zone: "Asia/Shanghai", user: "" })
 *
 * There is no parser here: the server parses and checks (positions, types), the browser only evaluates.
 */
import { DATES } from "./fx_dates.js";
import { FUNCTIONS } from "./fx_functions.js";
import {
  Day, FxError, MAX_WORK, Moment, Num, add, boolean, checked, divide, equal, fxValue, isNum, isTime, less, localParts, multiply,
  negate, numError, number, numberText, power, subtract, text, textJoined, valueError,
} from "./fx_values.js";

export { Day, FxError, Moment, Num };

const CALLS = { ...FUNCTIONS, ...DATES };
const BINARY = { "-": subtract, "/": divide, "^": power };
const CHAINED = { "+": add, "*": multiply };
const not = (value) => (value === null ? null : !value);
const COMPARED = {
  "=": (a, b, env) => equal(a, b, env),
  "<>": (a, b, env) => !equal(a, b, env),
  "<": (a, b, env) => less(a, b, env),
  ">": (a, b, env) => less(b, a, env),
  "<=": (a, b, env) => not(less(b, a, env)),
  ">=": (a, b, env) => not(less(a, b, env)),
};
const ARGUMENT = {
  n: (value) => (value === null ? null : number(value)),
  s: (value) => (value === null ? null : text(value)),
  b: boolean,
  d: (value) => {
    if (value === null || isTime(value)) return value;
    throw valueError();
  },
  v: (value) => {
    if (Array.isArray(value)) throw valueError();
    return value;
  },
  l: (value) => value,
  "*": (value) => value,
};

/** Turn a tree into a function env → value; it throws FxError. */
export function compile(tree) {
  const [kind, ...parts] = tree;
  switch (kind) {
    case "num": {
      const constant = checked(new Num(parts[0]).toSignificantDigits(34));
      return () => constant;
    }
    case "str":
    case "bool":
      return () => parts[0];
    case "null":
      return () => null;
    case "field":
      return (env) => {
        const value = Object.hasOwn(env.values, parts[0]) ? env.values[parts[0]] : null;
        if (Array.isArray(value) && (env.items = (env.items ?? 0) + value.length) > MAX_WORK) throw numError();
        return fxValue(value);
      };
    case "neg": {
      const inner = compile(parts[0]);
      return (env) => negate(inner(env));
    }
    case "op":
      return operator(parts[0], parts.slice(1).map(compile));
    case "call":
      return call(parts[0], parts.slice(1).map(compile));
    default:
      throw new TypeError(`unknown node ${kind}`);
  }
}

/** Run a compiled formula: a value, null, or the FxError itself. */
export function evaluate(run, env) {
  env.items = 0;
  try {
    return run(env);
  } catch (error) {
    if (error instanceof FxError) return error;
    throw error;
  }
}

/** TRUE or FALSE of a condition; null if it is empty, an error, or no condition. */
export function holds(run, env) {
  const value = evaluate(run, env);
  return typeof value === "boolean" ? value : null;
}

function operator(sign, sides) {
  if (sign === "&") return (env) => textJoined("", sides.map((side) => side(env)).map(text));
  if (CHAINED[sign]) {
    const step = CHAINED[sign];
    return (env) => sides.map((side) => side(env)).reduce((a, b) => step(a, b));
  }
  const [left, right] = sides;
  if (BINARY[sign]) return (env) => BINARY[sign](left(env), right(env));
  return (env) => COMPARED[sign](left(env), right(env), env);
}

function call(name, args) {
  if (Object.hasOwn(LAZY, name)) return LAZY[name](args);
  if (!Object.hasOwn(CALLS, name)) throw new TypeError(`unknown function ${name}`);
  const [kinds, run] = CALLS[name];
  const own = kinds.endsWith("!");
  const letters = own ? kinds.slice(0, -1) : kinds;
  const readers = args.map((_, at) => ARGUMENT[letters[Math.min(at, letters.length - 1)]]);
  return (env) => {
    const given = args.map((argument, at) => readers[at](argument(env)));
    return !own && given.includes(null) ? null : run(env, ...given);
  };
}

const pairs = (list) => list.flatMap((item, at) => (at % 2 ? [] : [[item, list[at + 1]]]));
const nothing = () => null;

/** Three-valued: `stop` as soon as one is, else empty if one is empty, else its opposite. */
const gate = (stop) => (args) => (env) => {
  let result = !stop;
  for (const argument of args) {
    const value = boolean(argument(env));
    if (value === stop) return stop;
    if (value === null) result = null;
  }
  return result;
};

const LAZY = {
  IF: ([condition, yes, no = nothing]) => (env) => (boolean(condition(env)) ? yes(env) : no(env)),
  IFS: (args) => (env) => {
    for (const [condition, result] of pairs(args)) if (boolean(condition(env))) return result(env);
    return null;
  },
  SWITCH: ([subject, ...rest]) => {
    const otherwise = rest.length % 2 ? rest.pop() : nothing;
    return (env) => {
      const value = subject(env);
      for (const [wanted, result] of pairs(rest)) if (equal(value, wanted(env), env)) return result(env);
      return otherwise(env);
    };
  },
  AND: gate(false),
  OR: gate(true),
  IFERROR: ([first, otherwise]) => (env) => {
    try {
      return first(env);
    } catch (error) {
      if (error instanceof FxError) return otherwise(env);
      throw error;
    }
  },
};

/**
 * Read what stands in an input or came as JSON as a value of a kind; unreadable is empty.
 * `zone` is the plant's, for wall times without one.
 */
export function coerce(kind, raw, zone = "Asia/Shanghai") {
  if (raw === null || raw === undefined) return null;
  if (kind.startsWith("list")) {
    return Array.isArray(raw) ? raw.map((item) => coerce(kind.slice(5) || "text", item, zone)) : null;
  }
  if (kind === "boolean") return typeof raw === "boolean" ? raw : { true: true, on: true, false: false }[raw] ?? null;
  const words = String(typeof raw === "object" && !isNum(raw) ? raw.value ?? raw.id ?? "" : raw);
  if (!words.trim()) return null;
  if (kind === "number") {
    const plain = words.normalize("NFKC").trim().replace(/^\+/, "");
    return /^-?(\d+(\.\d*)?|\.\d+)$/.test(plain) && plain.length < 40 ? new Num(plain) : null;
  }
  if (kind === "date") return Day.parse(words.trim().slice(0, 10));
  return kind === "datetime" ? momentOf(words.trim(), zone) : words;
}

/** A moment from ISO text; a wall time without a zone is read in the plant's, the first if it happens twice. */
function momentOf(words, zone) {
  const withZone = /(Z|[+-]\d{2}:?\d{2})$/i.test(words);
  const wall = Date.parse(withZone ? words.replace(" ", "T") : `${words.replace(" ", "T")}Z`);
  if (Number.isNaN(wall)) return null;
  if (withZone) return new Moment(Math.floor(wall));
  for (const guess of [wall - offset(wall - 86_400_000, zone), wall - offset(wall + 86_400_000, zone)]) {
    if (guess + offset(guess, zone) === wall) return new Moment(guess);
  }
  return null;
}

function offset(ms, zone) {
  const { year, month, day, hour, minute, second } = localParts(new Moment(ms), zone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
}

/** What is stored of a computed field's result: rounded as set; errors and results of another kind are empty. */
export function stored(result, kind = "number", decimals = 6) {
  if (result === null || result === "" || result instanceof FxError) return null;
  if (kind === "number") {
    if (!isNum(result)) return null;
    const near = result.toDecimalPlaces(decimals, Num.ROUND_HALF_UP);
    return near.isZero() ? near.abs() : near.e < 12 ? near : null;
  }
  if (kind === "date") return result instanceof Day ? result : null;
  if (kind === "datetime") return result instanceof Moment ? result : null;
  return typeof result === (kind === "boolean" ? "boolean" : "string") ? result : null;
}

/** A result as people read it: plain text; errors by their code. */
export function shown(value) {
  if (value instanceof FxError) return value.code;
  if (isNum(value)) return numberText(value);
  return Array.isArray(value) ? value.map(shown).join(", ") : text(value);
}
