/** Reads and writes the values of a drawn form, including its child rows, as the formula language wants them. */

const ROW = /^(?<table>[\w]+)-(?<at>\d+)-(?<column>[\w]+)$/;

/** @returns {Record<string, unknown>} numbers stay text (exact), blank is null, check boxes are true or false, tables are lists */
export function collect(pairs, kinds) {
  const values = {};
  const tables = {};
  for (const [name, raw] of pairs) {
    const row = ROW.exec(name)?.groups;
    if (row) {
      const rows = (tables[row.table] ??= new Map());
      const at = Number(row.at);
      if (!rows.has(at)) rows.set(at, {});
      rows.get(at)[row.column] = typed(raw, kinds[`${row.table}.${row.column}`]);
    } else values[name] = typed(raw, kinds[name]);
  }
  for (const [name, rows] of Object.entries(tables)) {
    values[name] = [...rows.entries()].sort(([a], [b]) => a - b).map(([, row]) => row);
  }
  return values;
}

function typed(raw, kind) {
  if (kind === "boolean") return raw === "on" || raw === "true" || raw === true;
  if (raw === "" || raw === undefined) return null;
  return raw;
}
