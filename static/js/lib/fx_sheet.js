/**
 * Follows a form's formulas and conditions while somebody types.
 *
 *   const follow = sheet(JSON.parse(script.textContent));      // what fields/browser.py wrote
 *   const { computed, visible, required, readOnly, broken } = follow({ quantity: "40", lines: [{ price: "2" }] });
 *
 * Pure: raw texts in, texts and flags out. The server computes everything again when saving.
 */
import Decimal from "decimal.js";
import { Day, FxError, Moment, coerce, compile, evaluate, holds, shown } from "./fx.js";

const compileAll = (trees) => Object.entries(trees).map(([name, tree]) => [name, compile(tree)]);

/** What is stored of a result: rounded as set; errors and misfits are empty. */
function kept(result, kind, decimals) {
  if (result === null || result === "" || result instanceof FxError) return null;
  switch (kind) {
    case "number": {
      if (!Decimal.isDecimal(result)) return null;
      const rounded = result.toDecimalPlaces(decimals, Decimal.ROUND_HALF_UP);
      return rounded.e >= 12 ? null : rounded.isZero() ? rounded.abs() : rounded;
    }
    case "date":
      return result instanceof Day ? result : null;
    case "datetime":
      return result instanceof Moment ? result : null;
    default:
      return typeof result === (kind === "boolean" ? "boolean" : "string") ? result : null;
  }
}

/** The value of a name: a field, or a column of a sub-table as a list. */
function valueOf(name, kind, raws, zone) {
  const [field, column] = name.split(".", 2);
  if (column === undefined) return coerce(kind, raws[field], zone);
  return (raws[field] ?? []).map((row) => coerce(kind.slice("list:".length), row[column], zone));
}

export function sheet(data) {
  const formulas = data.formulas.map((formula) => ({ ...formula, run: compile(formula.ast) }));
  const [visible, required, readOnly] = [data.visible, data.required, data.readOnly].map(compileAll);
  const rules = data.rules.map((rule) => ({ ...rule, run: compile(rule.ast) }));

  return function follow(raws) {
    const values = {};
    for (const [name, kind] of Object.entries(data.kinds)) values[name] = valueOf(name, kind, raws, data.zone);
    const env = { values, now: data.now, user: data.user, zone: data.zone };
    const computed = {};
    for (const { name, run, kind, decimals } of formulas) {
      values[name] = kept(evaluate(run, env), kind, decimals);
      computed[name] = values[name] === null ? "" : shown(values[name]);
    }
    const flags = (list) => Object.fromEntries(list.map(([name, run]) => [name, holds(run, env) === true]));
    const broken = rules
      .filter(({ run }) => holds(run, env) === false)
      .map(({ field, code, message }) => ({ field, code, message }));
    return { computed, visible: flags(visible), required: flags(required), readOnly: flags(readOnly), broken };
  };
}
