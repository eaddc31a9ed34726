"use strict";
{
  const root = document.documentElement;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const remembered = {
    get() { try { return localStorage.getItem("theme"); } catch { return null; } },
    set(theme) { try { localStorage.setItem("theme", theme); } catch { /* a page from disk may have no storage */ } },
  };
  const theme = remembered.get();
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;

  const said = document.createElement("p");
  said.className = "sr";
  said.setAttribute("role", "status");
  document.body.append(said);

  const select = (node) => {
    const details = node.closest("details");
    if (details) details.open = true;
    getSelection().selectAllChildren(node);
    return document.execCommand("copy");
  };
  const copy = async (node) => {
    try { await navigator.clipboard.writeText(node.textContent); return true; } catch { return select(node); }
  };

  const actions = {
    theme() {
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      remembered.set(root.dataset.theme);
    },
    open(button) {
      const open = button.textContent === "Open all";
      for (const details of all("main details")) details.open = open;
      button.textContent = open ? "Close all" : "Open all";
    },
    async copy(button) {
      const done = await copy(document.getElementById(button.dataset.copy));
      // The rest of its name, which request it is of, stays.
      const label = button.firstChild;
      label.data = done ? "Copied" : "Selected: press Ctrl+C";
      said.textContent = done ? "The curl command was copied." : "The curl command is selected.";
      setTimeout(() => { label.data = "Copy as curl"; said.textContent = ""; }, 2500);
    },
  };
  for (const element of all("[data-js]")) {
    element.hidden = false;
    element.addEventListener("click", () => actions[element.dataset.js]?.(element));
  }

  const reveal = () => {
    for (let node = document.getElementById(location.hash.slice(1)); node; node = node.parentElement) {
      if (node.tagName === "DETAILS") node.open = true;
    }
  };
  addEventListener("hashchange", reveal);
  reveal();

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.key !== "j" && event.key !== "k")) return;
    const rows = all(".req > summary").filter((row) => row.checkVisibility?.() ?? true);
    const from = rows.findIndex((row) => row.parentElement.contains(document.activeElement));
    // Only there: a letter must not act on the whole page (WCAG 2.2, 2.1.4 Character Key Shortcuts).
    if (from < 0) return;
    const to = event.key === "j" ? from + 1 : Math.max(from - 1, 0);
    rows[Math.min(to, rows.length - 1)]?.focus();
  });

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of closed) details.open = false; });
}
