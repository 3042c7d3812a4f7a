/** How formula values travel between the Python tests and node: [kind, value]. */
import { register } from "node:module";

register("./decimal_hook.mjs", import.meta.url);
export const fx = await import("../../static/js/lib/fx.js");

export function read(wire) {
  if (wire === null) return null;
  const [kind, value] = wire;
  switch (kind) {
    case "n":
      return new fx.Num(value);
    case "d":
      return fx.Day.parse(value);
    case "m":
      return new fx.Moment(value);
    case "l":
      return value.map(read);
    default:
      return value;
  }
}

export function write(value) {
  if (value === null || value === undefined) return null;
  if (value instanceof fx.FxError) return ["e", value.code];
  if (value instanceof fx.Day) return ["d", value.toString()];
  if (value instanceof fx.Moment) return ["m", value.ms];
  if (Array.isArray(value)) return ["l", value.map(write)];
  if (typeof value === "string") return ["s", value];
  if (typeof value === "boolean") return ["b", value];
  return ["n", fx.shown(value)];
}

/** Run one case {ast, values, now, zone, user}. */
export function run({ ast, values, now = 0, zone = "UTC", user = "" }) {
  const fields = Object.fromEntries(Object.entries(values ?? {}).map(([name, wire]) => [name, read(wire)]));
  return write(fx.evaluate(fx.compile(ast), { values: fields, now, zone, user }));
}
