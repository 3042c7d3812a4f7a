/** Numbers that changed flash once: every `[data-flash]` with an id is compared before and after htmx put a new one there. */
export function watchNumbers() {
  let before = new Map();
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    before = new Map([...detail.target.querySelectorAll("[data-flash][id]")].map((node) => [node.id, node.textContent.trim()]));
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const [id, words] of before) {
      const node = document.getElementById(id);
      if (!node || node.textContent.trim() === words) continue;
      node.classList.remove("flash");
      requestAnimationFrame(() => node.classList.add("flash"));
    }
    before = new Map();
  });
}
