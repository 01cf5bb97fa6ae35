// Code for the call that a form has now, in every language.
import { copyText, el, tabs, uid } from "./dom.js";
import { LANGUAGES, example } from "./examples.js";
import { MINT } from "./mint.js";

/** The language that was last looked at; every panel of the page begins with it. */
let language = "php";

/**
 * Fills a section with the code of a call. `source()` says what would be sent: `{ calls, ks, partner }`, without `calls`
 * while no action is chosen. Answers how to bring it up to date.
 */
export function codePanel(section, source) {
  const ids = { code: section.dataset.code ?? uid("code"), tab: uid("language") };
  let reveal = false;
  const bar = el("div", { role: "tablist", "aria-label": "Language" }, LANGUAGES.map(({ id, name }) =>
    el("button", { type: "button", role: "tab", id: `${ids.tab}-${id}`, "aria-controls": ids.code }, name)));
  const toggle = el("button", { type: "button", class: "small", "aria-expanded": "false", "aria-controls": ids.code }, "Show Code Example");
  const pane = el("div", { id: ids.code, class: "code-text", role: "tabpanel", "data-shared": true, tabindex: "0", hidden: true });
  section.replaceChildren(el("div", { class: "code-bar" }, bar, toggle), pane);

  const write = () => {
    const { calls, ks, partner } = source();
    if (!calls) {
      pane.replaceChildren(el("p", { class: "muted" }, "Choose a service and an action first."));
      return;
    }
    const withKs = calls.map((call) => ({ ...call, ks }));
    const model = { url: location.origin, reveal, partner };
    if (calls.multi) model.calls = withKs;
    else model.call = withKs[0];
    const box = el("input", { type: "checkbox", checked: reveal });
    box.addEventListener("change", () => {
      reveal = box.checked;
      write();
      pane.querySelector('input[type="checkbox"]').focus();
    });
    const snippet = !calls.multi && calls[0].service === "session" && calls[0].action === "start" ? MINT[language] : undefined;
    pane.replaceChildren(...copyable(example(language, model), el("label", { class: "check" }, box, "Show secrets"),
      el("a", { href: "/api_v3/testme/client-libs.php" }, "Install the client")),
    ...(snippet ? mintLocally(snippet) : []));
  };
  const open = (wanted) => {
    pane.hidden = !wanted;
    toggle.textContent = wanted ? "Hide Code Example" : "Show Code Example";
    toggle.setAttribute("aria-expanded", String(wanted));
    if (wanted) write();
  };
  let started = false;
  tabs(bar, (button) => {
    language = button.id.slice(ids.tab.length + 1);
    if (started) open(true);
  }).select(`${ids.tab}-${language}`);
  started = true;
  toggle.addEventListener("click", () => open(pane.hidden));
  return {
    open() {
      open(true);
      toggle.focus();
    },
    update: () => pane.hidden || write(),
  };
}

function copyable(text, ...beside) {
  const copy = el("button", { type: "button", class: "small" }, "Copy");
  copy.addEventListener("click", () => copyText(text, copy));
  return [el("pre", { tabindex: "0" }, el("code", {}, text)), el("div", { class: "row" }, copy, beside)];
}

const mintLocally = (snippet) => [el("h3", {}, "Mint locally"),
  el("p", { class: "hint" }, "This client cannot make a KS by itself. These lines can, with no call at all; the server accepts it like its own."),
  ...copyable(snippet)];
