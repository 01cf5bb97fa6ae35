// Runs before the page is painted, so that a chosen theme does not flash. Without a choice the system decides.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("ks.theme");
  } catch {
    // Storage is switched off: the system decides.
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
