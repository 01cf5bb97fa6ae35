// What every page has: the switch between light and dark.
const NEXT = { system: "light", light: "dark", dark: "system" };
const NAMES = { system: "System", light: "Light", dark: "Dark" };

const current = () => document.documentElement.dataset.theme ?? "system";

const show = (button) => {
  const theme = current();
  button.querySelector("[data-theme-name]").textContent = NAMES[theme];
  button.setAttribute("aria-label", `Theme: ${NAMES[theme]}. Switch to ${NAMES[NEXT[theme]]}.`);
};

const button = document.querySelector("[data-theme-switch]");
if (button) {
  button.hidden = false;
  show(button);
  button.addEventListener("click", () => {
    const theme = NEXT[current()];
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    try {
      if (theme === "system") localStorage.removeItem("ks.theme");
      else localStorage.setItem("ks.theme", theme);
    } catch {
      // Storage is switched off: the choice lasts as long as the page.
    }
    show(button);
  });
}
