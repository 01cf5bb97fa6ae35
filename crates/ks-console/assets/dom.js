// Small helpers to build pages without markup in strings: nothing that a server or a person says is ever read as HTML.

/** Makes an element: `el("label", { for: "x", class: "name" }, "text", child)`. Listeners are given as `onclick`. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "dataset") Object.assign(element.dataset, value);
    else if (key === "value" && "value" in element) element.value = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** A description as nodes: what stands between backquotes is code. */
export const prose = (text) => text.split("`").map((piece, index) => (index % 2 === 1 ? el("code", {}, piece) : piece));

/** An id that no other element of the page has. */
export const uid = (() => {
  let count = 0;
  return (prefix = "f") => `${prefix}-${++count}`;
})();

/** Says something to screen readers without moving the focus. */
export function announce(text) {
  let region = document.getElementById("announcer");
  if (!region) {
    region = el("div", { id: "announcer", class: "sr-only", role: "status", "aria-live": "polite" });
    document.body.append(region);
  }
  region.textContent = text;
}

/** Puts a text on the clipboard and says so. Where the page may not, the person is told. */
export async function copyText(text, button) {
  let done = "Copied";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = el("textarea", { class: "sr-only", "aria-hidden": "true", value: text });
    document.body.append(area);
    area.select();
    if (!document.execCommand("copy")) done = "Not allowed";
    area.remove();
  }
  announce(done);
  if (!button) return;
  const before = button.dataset.label ?? button.textContent;
  button.dataset.label = before;
  button.textContent = done;
  setTimeout(() => {
    button.textContent = before;
  }, 1500);
}

/** Hands a text to the person as a file. */
export function download(text, name, type = "text/plain") {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = el("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/**
 * Makes a row of buttons into tabs. Arrow keys move, Home and End jump.
 * Each button has `aria-controls`; its panel is shown while it is selected.
 */
export function tabs(list, onSelect = () => {}) {
  const buttons = [...list.querySelectorAll('[role="tab"]')];
  const select = (button, focus = false) => {
    for (const other of buttons) {
      const chosen = other === button;
      other.setAttribute("aria-selected", String(chosen));
      other.tabIndex = chosen ? 0 : -1;
      const panel = document.getElementById(other.getAttribute("aria-controls"));
      if (panel && !panel.hasAttribute("data-shared")) panel.hidden = !chosen;
      else if (panel && chosen) panel.setAttribute("aria-labelledby", other.id);
    }
    if (focus) button.focus();
    onSelect(button);
  };
  buttons.forEach((button, index) => {
    button.addEventListener("click", () => select(button));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      let next;
      if (step) next = buttons[(index + step + buttons.length) % buttons.length];
      else if (event.key === "Home") next = buttons[0];
      else if (event.key === "End") next = buttons[buttons.length - 1];
      if (!next) return;
      event.preventDefault();
      select(next, true);
    });
  });
  return { select: (id) => select(buttons.find((button) => button.id === id) ?? buttons[0]) };
}
