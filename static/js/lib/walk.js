/** Where an arrow key leads in a table of `rows` × `cols` cells. */
export function step({ row, col }, key, { rows, cols, page = 10, ctrl = false }) {
  const moves = {
    ArrowUp: [ctrl ? -rows : -1, 0],
    ArrowDown: [ctrl ? rows : 1, 0],
    ArrowLeft: [0, ctrl ? -cols : -1],
    ArrowRight: [0, ctrl ? cols : 1],
    PageUp: [-page, 0],
    PageDown: [page, 0],
    Home: [ctrl ? -rows : 0, -cols],
    End: [ctrl ? rows : 0, cols],
  };
  const move = moves[key];
  if (!move) return null;
  const clamp = (value, most) => Math.max(0, Math.min(most - 1, value));
  return { row: clamp(row + move[0], rows), col: clamp(col + move[1], cols) };
}
