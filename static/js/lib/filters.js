/**
 * A filter as the query compiler reads it: ["and"|"or", part, …] with parts [op, field, value] or groups.
 * All functions return a new tree; `path` is a list of positions among a group's parts.
 */
export const NO_VALUE = new Set(["empty", "not_empty"]);

export const isGroup = (node) => Array.isArray(node) && (node[0] === "and" || node[0] === "or");

/** Read what stands in the URL; anything that is not a filter gives an empty "and". */
export function read(source) {
  let tree = null;
  try {
    tree = JSON.parse(source || "null");
  } catch {
    tree = null; // a mistyped address shows the unfiltered list
  }
  if (!Array.isArray(tree)) return ["and"];
  return isGroup(tree) ? tree : ["and", tree];
}

/** Drop unfinished conditions and empty groups; "" when nothing is left. */
export function write(tree) {
  const pruned = prune(tree);
  return pruned ? JSON.stringify(pruned) : "";
}

function prune(node) {
  if (!isGroup(node)) {
    const [op, field, value] = node;
    if (!op || !field) return null;
    if (NO_VALUE.has(op)) return [op, field, true];
    if (op === "between") return Array.isArray(value) && value[0] !== "" && value[1] !== "" ? node : null;
    return value === "" || value === undefined || value === null ? null : node;
  }
  const parts = node.slice(1).map(prune).filter(Boolean);
  if (!parts.length) return null;
  return [node[0], ...parts];
}

export function at(tree, path) {
  return path.reduce((node, position) => node[position + 1], tree);
}

export function put(tree, path, node) {
  if (!path.length) return node;
  const [position, ...rest] = path;
  return tree.map((part, i) => (i === position + 1 ? put(part, rest, node) : part));
}

export function add(tree, path, node) {
  return put(tree, path, [...at(tree, path), node]);
}

export function remove(tree, path) {
  const parent = path.slice(0, -1);
  const position = path.at(-1);
  return put(tree, parent, at(tree, parent).filter((_, i) => i !== position + 1));
}

/** How many finished conditions the tree holds. */
export function count(tree) {
  if (!isGroup(tree)) return prune(tree) ? 1 : 0;
  return tree.slice(1).reduce((total, part) => total + count(part), 0);
}
