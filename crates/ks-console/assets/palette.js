// The command palette: type a part of a name, and go there.
import { el } from "./dom.js";

let places;
let dialog;
let field;
let fill;

/** Every place: `[name, address, about]`. */
async function load() {
  const answer = await fetch("/api-docs/actions.json", { credentials: "omit" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

/** How well a place fits what was typed: the lower the better; nothing where it does not. */
function rank([name, , about], wanted) {
  const lower = name.toLowerCase();
  if (lower === wanted || lower.split(".")[1] === wanted) return 0;
  if (lower.startsWith(wanted)) return 1;
  const pieces = wanted.split(/[\s.]+/).filter(Boolean);
  if (pieces.every((piece) => lower.includes(piece))) return 2;
  return pieces.every((piece) => `${lower} ${about.toLowerCase()}`.includes(piece)) ? 3 : undefined;
}

const LIMIT = 40;

function build() {
  const input = el("input", { type: "text", id: "palette-input", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list",
    "aria-label": "Go to an action or page", autocomplete: "off", spellcheck: "false", autocapitalize: "off", placeholder: "session.start, category, inspector…" });
  const list = el("ul", { id: "palette-list", role: "listbox", "aria-label": "Actions and pages" });
  const none = el("p", { class: "muted", role: "status" });
  dialog = el("dialog", { class: "palette", "aria-label": "Go to" }, input, list, none,
    el("p", { class: "hint" }, "Arrow keys choose, Enter opens, Esc closes."));
  document.body.append(dialog);
  let found = [];
  let at = 0;

  const go = (place) => {
    if (!place) return;
    dialog.close();
    const asked = new CustomEvent("ks:go", { cancelable: true, detail: { name: place[0], href: place[1] } });
    if (document.dispatchEvent(asked)) location.assign(place[1]);
  };
  const mark = () => {
    [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === at)));
    const chosen = list.children[at];
    if (chosen) {
      input.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const show = () => {
    const wanted = input.value.trim().toLowerCase();
    const fits = places.map((place) => [rank(place, wanted), place]).filter(([value]) => value !== undefined);
    found = fits.sort(([one], [other]) => one - other).map(([, place]) => place).slice(0, LIMIT);
    at = 0;
    none.textContent = found.length === 0 ? "Nothing is called that." : "";
    list.replaceChildren(...found.map((place, index) => {
      const item = el("li", { id: `palette-${index}`, role: "option", "aria-selected": "false" },
        el("span", { class: "mono" }, place[0]), " ", el("span", { class: "muted" }, place[2]));
      item.addEventListener("click", () => go(place));
      return item;
    }));
    mark();
  };
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length > 0) {
      event.preventDefault();
      at = (at + step + found.length) % found.length;
      mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(found[at]);
    }
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  field = input;
  fill = show;
}

/** Opens it, with the focus where one types. */
export async function open() {
  places ??= await load();
  if (!dialog) build();
  if (dialog.open) return;
  field.value = "";
  dialog.showModal();
  fill();
  field.focus();
}
