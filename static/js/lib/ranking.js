/** Order palette entries by how well they fit: start of the name, start of a word, inside, letters in order. */
export function score(name, query) {
  const hay = name.toLowerCase();
  const needle = query.toLowerCase().trim();
  if (!needle) return 1;
  if (hay === needle) return 100;
  if (hay.startsWith(needle)) return 80;
  const inside = hay.indexOf(needle);
  if (inside > 0) return /[\s/·_-]/.test(hay[inside - 1]) ? 60 : 40;
  let from = 0;
  for (const letter of needle) {
    from = hay.indexOf(letter, from) + 1;
    if (!from) return 0;
  }
  return 10;
}

/** @template T @param {T[]} entries @param {(entry: T) => string} name */
export function rank(entries, query, name, most = 8) {
  return entries
    .map((entry, order) => ({ entry, order, points: score(name(entry), query) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points || a.order - b.order)
    .slice(0, most)
    .map(({ entry }) => entry);
}
