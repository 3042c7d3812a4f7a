/** The menu on the left: narrow or wide, open on a phone, and its search. */
export function startMenu() {
  const root = document.documentElement;
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-menu-toggle]")) {
      const narrow = root.dataset.menu !== "narrow";
      if (narrow) root.dataset.menu = "narrow";
      else delete root.dataset.menu;
      keep(narrow ? "narrow" : "wide");
    } else if (target.closest("[data-menu-open]")) {
      root.dataset.menuOpen = "";
      document.querySelector(".menu a")?.focus();
    } else if (target.closest("[data-menu-close]")) delete root.dataset.menuOpen;
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !("menuOpen" in root.dataset)) return;
    delete root.dataset.menuOpen;
    document.querySelector("[data-menu-open]")?.focus();
  });
  document.addEventListener("input", ({ target }) => {
    if (target.matches("[data-menu-filter]")) narrowTo(target.value.trim().toLowerCase());
  });
}

function narrowTo(query) {
  let found = 0;
  for (const group of document.querySelectorAll("[data-menu-group]")) {
    let here = 0;
    for (const row of group.querySelectorAll("li")) {
      row.hidden = !row.textContent.toLowerCase().includes(query);
      here += row.hidden ? 0 : 1;
    }
    group.hidden = here === 0;
    found += here;
  }
  document.querySelector("[data-menu-none]").hidden = found > 0;
}

function keep(value) {
  try {
    localStorage.setItem("takt.menu", value);
  } catch {
    // storage is closed: the choice lasts as long as the page
  }
}
