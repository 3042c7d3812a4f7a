/**
 * What a form's formulas say about the values that stand in it now. The server decides again with the same language.
 *
 * A rule is {name, type, formula?, result?, decimals?, visible?, required?} with trees the server parsed. `lines.amount` is a column of the
 * child rows: its formulas see their own row's columns by their short names, and everything else by its full one.
 */
import { coerce, compile, evaluate, FxError, holds, shown, stored } from "./fx.js";
import { plantNow } from "./planttime.js";

const KINDS = { integer: "number", decimal: "number", quantity: "number", boolean: "boolean", date: "date", datetime: "datetime" };

const kindOf = (type) => KINDS[type] ?? "text";

/** Compile once; `rules` is null when nothing of the form is computed. */
export function rulesOf(fields) {
  const made = fields.map((field) => ({
    name: field.name,
    kind: kindOf(field.type),
    formula: tree(field.formula),
    result: field.result,
    decimals: field.decimals,
    visible: tree(field.visible),
    required: tree(field.required),
  }));
  return { fields: made, any: made.some((rule) => rule.formula || rule.visible || rule.required) };
}

const tree = (ast) => (Array.isArray(ast) ? compile(ast) : null);

/**
 * @param {Record<string, unknown>} raw from `collect`: text, booleans, null, and lists of rows
 * @param {{now?: number, zone?: string, user?: string}} around
 * @returns {{computed: Record<string, string>, visible: Record<string, boolean>, required: Record<string, boolean>}}
 *   computed names child cells `lines-0-amount`
 */
export function settle(rules, raw, around = {}) {
  const env = { now: plantNow(), zone: "Asia/Shanghai", user: "", ...around, values: valuesOf(rules, raw, around.zone) };
  const computed = {};
  // A formula may read another one: as many rounds as there are formulas is enough, and a circle ends there too.
  const formulas = rules.fields.filter((rule) => rule.formula);
  for (let round = 0; round < formulas.length; round += 1) {
    const before = JSON.stringify(computed);
    for (const rule of formulas) compute(rule, raw, env, computed);
    if (JSON.stringify(computed) === before) break;
  }
  const visible = {};
  const required = {};
  for (const rule of rules.fields) {
    if (rule.visible) visible[rule.name] = holds(rule.visible, env) === true;
    if (rule.required) required[rule.name] = holds(rule.required, env) === true && visible[rule.name] !== false;
  }
  return { computed, visible, required };
}

function compute(rule, raw, env, computed) {
  const [table, column] = rule.name.split(".");
  if (!column) {
    const result = evaluate(rule.formula, env);
    const value = stored(result, rule.result, rule.decimals);
    env.values[rule.name] = value;
    computed[rule.name] = words(result, value);
    return;
  }
  const rows = Array.isArray(raw[table]) ? raw[table] : [];
  const list = rows.map((_, at) => {
    const own = Object.fromEntries(
      Object.entries(env.values)
        .filter(([name]) => name.startsWith(`${table}.`))
        .map(([name, values]) => [name.slice(table.length + 1), values[at] ?? null]),
    );
    const result = evaluate(rule.formula, { ...env, values: { ...env.values, ...own } });
    const value = stored(result, rule.result, rule.decimals);
    computed[`${table}-${at}-${column}`] = words(result, value);
    return value;
  });
  env.values[rule.name] = list;
}

/** What stands in the output: the stored value, or the code of an error, which is stored empty. */
const words = (result, value) => (result instanceof FxError ? result.code : value === null ? "" : shown(value));

function valuesOf(rules, raw, zone) {
  const values = {};
  for (const { name, kind } of rules.fields) {
    const [table, column] = name.split(".");
    if (!column) values[name] = Array.isArray(raw[name]) ? null : coerce(kind, raw[name] ?? null, zone);
    else values[name] = (raw[table] ?? []).map((row) => coerce(kind, row[column] ?? null, zone));
  }
  return values;
}
