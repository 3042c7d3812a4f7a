/** Names of child-row fields: `lines-3-qty`. The server reads them in this order, without gaps. */

/** Give a name, id or `for` the row number `at`, whether it still says `__index__` or an older number. */
export function renamed(name, table, at) {
  return name.replace(new RegExp(`(^|[^\\w])${table}-(?:__index__|\\d+)-`), `$1${table}-${at}-`);
}

/** How many rows of `table` a list of [name, value] pairs speaks of. */
export function rowCount(pairs, table) {
  const found = pairs.map(([name]) => new RegExp(`^${table}-(\\d+)-`).exec(name)?.[1]).filter(Boolean);
  return found.length ? Math.max(...found.map(Number)) + 1 : 0;
}
