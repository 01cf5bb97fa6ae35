// "Try it out": the form of one action, its answer, and code for it.
import { ask, seeingAll } from "./answer.js";
import { codeLater } from "./code-later.js";
import { copyText, el } from "./dom.js";
import { OPENAPI_NAMES, actionForm, field, load } from "./form.js";
import { fragment, readValues } from "./link.js";
import { importer } from "./paste.js";
import { asksForAdmin } from "./wire.js";

const FORMATS = { format: { int: true, values: [["JSON", 1], ["XML", 2], ["PHP", 3]] } };

/** What goes with every call. */
function globalFields(app, changed) {
  const make = (spec, names = OPENAPI_NAMES) => field({ global: true, optional: true, ...spec }, { ...names, enums: FORMATS, changed });
  const fields = {
    format: make({ name: "format", type: "enum", of: "format", preset: 1, description: "How the answer is written." },
      { label: OPENAPI_NAMES.label }),
    ks: make({ name: "ks", type: "string", sensitive: true, description: "The session. It is kept in this page and nowhere else." }),
    partnerId: make({ name: "partnerId", type: "int", description: "The account to work on, where it is not the session's own." }),
    clientTag: make({ name: "clientTag", type: "string", preset: "developer-console", description: "What the caller calls itself." }),
    language: make({ name: "language", type: "string", description: "The language of texts that have several." }),
    responseProfile: make({ name: "responseProfile", type: "object", of: "KalturaBaseResponseProfile", description: "Which properties are answered." }),
  };
  fields.ks.input.addEventListener("change", () => app.typed(fields.ks.get()?.value ?? ""));
  return fields;
}

/** Required parameters first, then by name: the order that people know. */
const order = (params) => [...params]
  .sort((one, other) => Number(one.optional) - Number(other.optional) || one.name.localeCompare(other.name))
  .map((param) => param.name);

const group = (title, open, ...content) => el("details", { class: "group", open }, el("summary", {}, title), ...content);

async function build(place, app, info, changed) {
  const globals = globalFields(app, changed);
  const form = actionForm(info, { changed, names: OPENAPI_NAMES, first: order(info.params) });
  const send = el("button", { type: "submit", class: "primary" }, "Send Request");
  const hide = el("button", { type: "button" }, "Hide");
  const expand = el("button", { type: "button", "aria-pressed": "false" }, "Expand");
  const link = el("button", { type: "button", class: "quiet" }, "Copy link");
  const warning = el("div", { class: "warning", role: "status", hidden: true },
    el("p", {}, el("strong", {}, "ADMIN"), " sessions hold super-admin rights and must never reach an end user."));
  const needs = el("div", { class: "note", hidden: true },
    el("p", {}, "This action needs a session: ", el("a", { href: "/api-docs/service/session/action/start#try" }, "start one"),
      ", or put a KS into ", el("strong", {}, "Global Parameters"), "."));
  const bring = el("div", {});
  const element = el("form", { class: "request", autocomplete: "off", novalidate: true, "aria-label": "Request" },
    el("p", { class: "row toolbar" }, send, hide, expand),
    needs,
    el("h2", {}, "Parameters"),
    group("Global Parameters", false, ...Object.values(globals).map((made) => made.element)),
    group("body: object", true, form.element),
    warning,
    el("p", { class: "row" }, link, el("span", { class: "hint" }, "Ctrl+Enter sends.")),
    bring);
  const answer = el("section", { class: "card answer", "aria-label": "Answer" },
    el("p", { class: "muted" }, "Fill in the parameters and send. The answer appears here."));
  const examples = el("section", { class: "card code", "aria-label": "Code example" });
  place.append(el("div", { class: "console" }, element, el("div", { class: "side" }, answer, examples)));
  return { globals, form, hide, expand, link, warning, needs, bring, element, answer, examples, send };
}

/** Puts "Try it out" into its place; what is given fills the form, and so does what stands in the address. */
export async function mountAction(place, app, given) {
  const [service, action] = place.dataset.action.split(".");
  const button = el("button", { type: "button", class: "primary" }, "Try it out");
  const links = el("p", { class: "row" }, button,
    el("a", { class: "button", href: `/api_v3/testme/?service=${service}&action=${action}` }, "Open in the Test Console"));
  const box = el("div", { class: "tryout", hidden: true });
  place.replaceChildren(links, box);
  let parts;
  let code;

  const call = () => parts.form.call();
  /** What is sent: the call, with those global parameters that are objects, and the plain ones. */
  const request = () => {
    const given = Object.entries(parts.globals).map(([name, made]) => ({ name, node: made.get() }));
    const sent = given.filter(({ node }) => node && node.kind !== "null");
    const plain = sent.filter(({ node }) => node.kind !== "object").map(({ name, node }) => [name, node.value]);
    const made = call();
    return [[{ ...made, params: [...made.params, ...sent.filter(({ node }) => node.kind === "object")] }], Object.fromEntries(plain)];
  };

  let pending = false;
  const changed = () => {
    if (pending || !parts) return;
    pending = true;
    queueMicrotask(() => {
      pending = false;
      parts.warning.hidden = !asksForAdmin([call()]);
      parts.needs.hidden = parts.form.info.ks !== "always" || Boolean(parts.globals.ks.get()?.value);
      code?.update();
      if (!box.hidden) history.replaceState(null, "", `${location.pathname}#${fragment(call()) || "try"}`);
    });
  };

  const submit = async (event) => {
    event.preventDefault();
    parts.send.disabled = true;
    await ask(parts.answer, ...request(), {
      session: app.session, folded: true, use: app.use, cure: (known) => app.open("session", "start", seeingAll(known)),
    });
    parts.send.disabled = false;
  };

  const open = async (some = {}) => {
    if (!parts) {
      const made = await build(box, app, await load(`action/${place.dataset.action}`), changed);
      parts = made;
      made.element.addEventListener("submit", submit);
      made.element.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) made.element.requestSubmit();
      });
      code = codeLater(made.examples, () => ({
        calls: [call()], ks: made.globals.ks.get()?.value, partner: app.session.facts().partnerId ?? made.globals.partnerId.get()?.value,
      }));
      made.hide.addEventListener("click", hide);
      made.expand.addEventListener("click", () => expand());
      made.link.addEventListener("click", () => copyText(location.href, made.link));
      if (app.ks()) await made.globals.ks.set(app.ks());
      made.bring.replaceChildren(importer(app.imported));
    }
    await parts.form.set(some);
    for (const [name, value] of Object.entries(given?.globals ?? {})) {
      if (!(name === "partnerId" && parts.form.fields.some((made) => made.spec.name === name))) await parts.globals[name]?.set(value);
    }
    links.hidden = true;
    box.hidden = false;
    changed();
    (parts.form.fields.find((made) => made.input?.value === "") ?? parts.form.fields[0])?.input?.focus();
  };

  const expand = (on = !document.documentElement.classList.contains("expanded")) => {
    document.documentElement.classList.toggle("expanded", on);
    parts.expand.setAttribute("aria-pressed", String(on));
    parts.expand.textContent = on ? "Restore" : "Expand";
  };

  function hide() {
    expand(false);
    box.hidden = true;
    links.hidden = false;
    history.replaceState(null, "", location.pathname);
    button.focus();
  }

  button.addEventListener("click", () => open());
  if (given || location.hash.length > 1) await open({ ...readValues(), ...given?.values });
  return {
    async session(ks) {
      if (!parts) return;
      await parts.globals.ks.set(ks === "" ? undefined : ks);
      if (ks === "") parts.globals.ks.input.value = "";
      changed();
    },
  };
}
