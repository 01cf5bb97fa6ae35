// What every page has: the switch between light and dark, and the way to anywhere by keyboard.
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

const palette = async () => (await import("./palette.js")).open();
const jump = document.querySelector("[data-palette]");
if (jump) {
  jump.hidden = false;
  jump.addEventListener("click", palette);
}
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  palette();
});
