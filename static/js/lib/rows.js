/** J and K walk a list's rows, Enter opens, X selects; Shift-click selects a stretch. Rows: `tr[data-row]`. */
import { typing } from "./keys.js";

let last = null;

export function startList() {
  document.addEventListener("keydown", (event) => {
    if (typing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = [...document.querySelectorAll("tr[data-row]")];
    if (!rows.length || event.target.closest("mes-grid, [role=menu], dialog")) return;
    const now = rows.findIndex((row) => row.classList.contains("is-cursor"));
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") {
      const next = Math.max(0, Math.min(rows.length - 1, now + (key === "j" ? 1 : -1)));
      rows[now]?.classList.remove("is-cursor");
      rows[next].classList.add("is-cursor");
      rows[next].scrollIntoView({ block: "nearest" });
    } else if (now >= 0 && key === "x") rows[now].querySelector("input[type=checkbox]")?.click();
    else if (now >= 0 && key === "enter" && event.target === document.body) rows[now].querySelector("a")?.click();
  });
  document.addEventListener("click", (event) => {
    const box = event.target.closest("input[type=checkbox]");
    if (!box) return;
    if (box.matches("[data-check-all]")) {
      for (const each of box.closest("table").querySelectorAll("tr[data-row] input[type=checkbox]")) mark(each, box.checked);
    } else if (box.closest("tr[data-row]")) {
      const boxes = [...box.closest("table").querySelectorAll("tr[data-row] input[type=checkbox]")];
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      if (event.shiftKey && from >= 0) boxes.slice(from, to + 1).forEach((each) => mark(each, box.checked));
      mark(box, box.checked);
      last = box;
    } else return;
    const count = box.closest("table").querySelectorAll("tr[aria-selected=true]").length;
    document.dispatchEvent(new CustomEvent("mes:selection", { detail: { count } }));
    for (const bar of document.querySelectorAll("[data-selection-bar]")) {
      bar.hidden = count === 0;
      const place = bar.querySelector("[data-selection-count]");
      if (place) place.textContent = String(count);
    }
  });
}

function mark(box, on) {
  box.checked = on;
  box.closest("tr").setAttribute("aria-selected", String(on));
}
