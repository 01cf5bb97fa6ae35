// The test console.
import { announce, copyText, download, el, tabs, uid } from "./dom.js";
import { LANGUAGES, example } from "./examples.js";
import { actionForm, field, load, resultPaths } from "./form.js";
import { looksLikeKs } from "./ks.js";
import { MINT } from "./mint.js";
import { isError, lines, read, tree } from "./result.js";
import { clearHistory, readHistory, remember } from "./history.js";
import { readLink, writeLink } from "./link.js";
import { chip } from "./session.js";
import { masked, request } from "./wire.js";

const $ = (id) => document.getElementById(id);
const services = JSON.parse($("services").textContent);
const find = (id) => services.find((service) => service.id.toLowerCase() === (id ?? "").toLowerCase());

// Global parameters, in the order that people know.
const globalContext = { enums: {}, changed: () => changed() };
const globals = {
  clientTag: field({ name: "clientTag", type: "string", global: true, preset: "testme" }, globalContext),
  apiVersion: field({ name: "apiVersion", type: "string", global: true, preset: $("console").dataset.apiVersion }, globalContext),
  partnerId: field({ name: "partnerId", label: "Impersonated partner id", type: "int", global: true, optional: true }, globalContext),
  ks: field({ name: "ks", label: "Kaltura API session", type: "string", global: true, optional: true }, globalContext),
};
$("globals").append(...Object.values(globals).map((made) => made.element));
globals.ks.input.classList.add("mono");

const session = chip($("session"), {
  ks: () => globals.ks.get()?.value ?? "",
  drop: () => {
    globals.ks.set(undefined);
    globals.ks.input.value = "";
    changed();
  },
});
globals.ks.input.addEventListener("change", () => session.typed());

function globalValues() {
  const values = { format: $("format").value };
  for (const [name, made] of Object.entries(globals)) {
    const node = made.get();
    if (node && node.kind !== "null") values[name] = node.value;
  }
  return values;
}

// The call, or the calls of a multirequest.
let form;
let cards = [];
let multi = false;

function serviceOptions(select) {
  for (const service of services) {
    const title = service.plugin ? `${service.plugin}.${service.name}` : undefined;
    select.append(el("option", { value: service.id, title }, service.id));
  }
}

function actionOptions(select, service) {
  select.replaceChildren(...service.actions.map((action) =>
    el("option", { value: action.name }, action.deprecated ? `${action.name} (deprecated)` : action.name)));
}

serviceOptions($("service"));

/** Chooses a service, and its action; the form of the one before leaves nothing behind. */
async function choose(serviceId, actionName, values = {}) {
  multi = serviceId === "multirequest";
  $("service").value = multi ? "multirequest" : find(serviceId)?.id ?? "";
  const service = find(serviceId);
  $("action-field").hidden = multi || !service;
  $("add-field").hidden = !multi;
  $("cards").replaceChildren();
  $("params").replaceChildren();
  $("service-hint").textContent = multi ? "Several calls in one request; later ones can use earlier answers." : service?.description ?? "";
  cards = [];
  form = undefined;
  if (multi) {
    await addCard();
  } else if (service) {
    actionOptions($("action"), service);
    const known = service.actions.find((action) => action.name.toLowerCase() === (actionName ?? "").toLowerCase());
    $("action").value = known?.name ?? service.actions[0].name;
    await chooseAction(values);
  }
  changed();
}

async function chooseAction(values = {}) {
  const info = await load(`action/${$("service").value}.${$("action").value}`);
  form = actionForm(info, { changed });
  $("params").replaceChildren(form.element);
  describe($("action-hint"), info);
  await form.set(values);
  changed();
}

function describe(hint, info) {
  const doc = `/api_v3/testmeDoc/?action=${encodeURIComponent(`${info.service}.${info.action}`)}`;
  hint.replaceChildren(info.description, " ", info.deprecated ? `Deprecated: ${info.deprecated} ` : "", el("a", { href: doc }, "Documentation"));
}

async function addCard(serviceId, actionName, values = {}) {
  const number = cards.length + 1;
  const ids = [uid(), uid()];
  const service = el("select", { id: ids[0] }, el("option", { value: "" }, "Select service"));
  const action = el("select", { id: ids[1] });
  const actionField = el("div", { class: "field", hidden: true }, el("label", { for: ids[1] }, "Select action"), action);
  const hint = el("p", { class: "hint" });
  const params = el("div");
  const remove = el("button", { type: "button", class: "small quiet" }, "Remove");
  serviceOptions(service);
  const card = { form: undefined };
  card.element = el("fieldset", { class: "request-card" }, el("legend", {}, `Request ${number}`),
    el("div", { class: "field" }, el("label", { for: ids[0] }, "Select service"), service), actionField, hint, params, remove);
  const references = () => cards.slice(0, cards.indexOf(card)).map((earlier, index) => ({
    title: `Request ${index + 1}: ${earlier.form ? `${earlier.form.info.service}.${earlier.form.info.action}` : "…"}`,
    paths: earlier.paths ?? [],
  }));
  const showAction = async (some = {}) => {
    const info = await load(`action/${service.value}.${action.value}`);
    // A part of a multirequest may have a session of its own, often the answer of an earlier part.
    const ks = { name: "ks", type: "string", optional: true, sensitive: true, description: "The session of this request, if it is another one." };
    const withKs = info.params.some((param) => param.name === "ks") ? info : { ...info, params: [...info.params, ks] };
    card.form = actionForm(withKs, { changed, references });
    params.replaceChildren(card.form.element);
    describe(hint, info);
    await card.form.set(some);
    card.paths = await resultPaths(info.result, `${cards.indexOf(card) + 1}:result`);
    changed();
  };
  service.addEventListener("change", async () => {
    const chosen = find(service.value);
    actionField.hidden = !chosen;
    if (!chosen) return;
    actionOptions(action, chosen);
    await showAction();
  });
  action.addEventListener("change", () => showAction());
  remove.addEventListener("click", () => {
    cards = cards.filter((other) => other !== card);
    card.element.remove();
    cards.forEach((other, index) => {
      other.element.querySelector("legend").textContent = `Request ${index + 1}`;
      other.paths = other.paths?.map((path) => path.replace(/^\{\d+:/, `{${index + 1}:`));
    });
    changed();
    $("add").focus();
  });
  cards.push(card);
  $("cards").append(card.element);
  if (find(serviceId)) {
    service.value = find(serviceId).id;
    actionField.hidden = false;
    actionOptions(action, find(serviceId));
    if (actionName) action.value = actionName;
    await showAction(values);
  }
  return service;
}

/** What would be sent now; nothing while no action is chosen. */
function calls() {
  if (multi) {
    const list = cards.filter((card) => card.form).map((card) => card.form.call());
    return list.length > 0 ? Object.assign(list, { multi: true }) : undefined;
  }
  return form ? [form.call()] : undefined;
}

const isAdmin = (list) => (list ?? []).some((call) =>
  call.params.some(({ node }) => node?.kind === "enum" && node.of === "KalturaSessionType" && node.member === "ADMIN"));

let pending = false;
function changed() {
  if (pending) return;
  pending = true;
  queueMicrotask(() => {
    pending = false;
    const list = calls();
    $("admin-warning").hidden = !isAdmin(list);
    if (!$("code").hidden) showCode();
    writeLink(multi ? undefined : list?.[0], $("service").value);
  });
}

$("service").addEventListener("change", () => choose($("service").value));
$("action").addEventListener("change", () => chooseAction());
$("format").addEventListener("change", changed);
$("add").addEventListener("click", async () => (await addCard()).focus());
$("link").addEventListener("click", (event) => copyText(location.href, event.currentTarget));
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $("request").requestSubmit();
});

// Sending, and the answer.
$("request").addEventListener("submit", async (event) => {
  event.preventDefault();
  const list = calls();
  if (!list) {
    $("service").focus();
    announce("Choose a service first.");
    return;
  }
  const values = globalValues();
  const { path, options } = request(list, values);
  const hidden = { ...values, ...(values.ks ? { ks: "********" } : {}) };
  const { shown } = request(Object.assign(list.map(masked), { multi: list.multi }), hidden);
  $("send").disabled = true;
  const started = performance.now();
  try {
    const response = await fetch(path, options);
    const text = await response.text();
    const took = performance.now() - started;
    await show({ list, values, response, text, took, sent: `POST ${path}\n\n${shown}` });
  } catch {
    $("answer").replaceChildren(el("div", { class: "error" }, el("p", {}, "The server did not answer.")));
  } finally {
    $("send").disabled = false;
  }
  remember(list, $("format").value);
  showHistory();
});

const bytes = (count) => (count < 1024 ? `${count} B` : `${(count / 1024).toFixed(1)} KB`);

async function show({ list, values, response, text, took, sent }) {
  const answer = read(text, response.headers.get("content-type") ?? "");
  const failed = !list.multi && isError(answer.value);
  const pane = $("answer");
  const size = new TextEncoder().encode(text).length;
  const word = failed ? el("span", { class: "badge bad" }, answer.value.code) : el("span", { class: `badge ${response.ok ? "good" : "bad"}` }, response.ok ? "Success" : "Failed");
  const status = el("div", { class: "status", role: "status" }, word,
    el("span", {}, `HTTP ${response.status} ${response.statusText}`.trim()), el("span", {}, `${took.toFixed(0)} ms`), el("span", {}, bytes(size)));
  const headers = el("dl", { class: "facts" }, [...response.headers].flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  const panels = [
    ["text", "Text", lines(answer.pretty)],
    ["tree", "Tree", answer.format === "text" ? undefined : tree(answer)],
    ["headers", "Headers", headers],
    ["sent", "Request", el("pre", { tabindex: "0" }, sent)],
  ].filter(([, , panel]) => panel);
  const bar = el("div", { role: "tablist", "aria-label": "Views of the answer" }, panels.map(([id, name]) =>
    el("button", { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": `panel-${id}` }, name)));
  const copy = el("button", { type: "button", class: "small" }, "Copy");
  copy.addEventListener("click", () => copyText(answer.pretty, copy));
  const save = el("button", { type: "button", class: "small" }, "Download");
  const extension = { xml: "xml", json: "json", text: "txt" }[answer.format];
  save.addEventListener("click", () => download(text, `${list.multi ? "multirequest" : `${list[0].service}.${list[0].action}`}.${extension}`));
  const notes = [...sessionNote(list, answer.value), ...(await errorNotes(failed, answer.value, response, values))];
  pane.replaceChildren(status, ...notes,
    el("div", { class: "answer-bar" }, bar, el("div", { class: "row" }, copy, save)),
    ...panels.map(([id, , panel]) => el("div", { role: "tabpanel", id: `panel-${id}`, "aria-labelledby": `tab-${id}` }, panel)));
  tabs(bar).select("tab-text");
}

/** Where an answer brings a session, it can be used at once. */
function sessionNote(list, value) {
  const found = (it) => (looksLikeKs(it) ? it : looksLikeKs(it?.ks) ? it.ks : undefined);
  const values = list.multi && Array.isArray(value) ? value : [value];
  const at = values.findIndex((it) => found(it));
  if (at < 0) return [];
  const ks = found(values[at]);
  const use = el("button", { type: "button", class: "primary" }, "Use this session");
  const note = el("div", { class: "success row" }, el("span", {}, "This is a KS. "), use, el("a", { href: "/console/what-is-a-ks" }, "What a KS is"));
  use.addEventListener("click", async () => {
    await globals.ks.set(ks);
    session.use(ks, list[at]);
    changed();
    note.replaceChildren("The console uses this session for the next calls.");
    announce("The console uses this session.");
  });
  return [note];
}

const SESSION_ERRORS = ["INVALID_KS", "MISSING_KS", "SERVICE_FORBIDDEN"];
const HIDDEN = /^(CATEGORY|ENTRY|INVALID_ENTRY|PARENT_CATEGORY).*(NOT_FOUND|INVALID_ENTRY_ID)$/;

/** What helps against an error. */
async function errorNotes(failed, value, response, values) {
  if (!failed) return [];
  const notes = [el("div", { class: "error" }, el("p", {}, value.message))];
  const id = response.headers.get("x-kaltura-session");
  if (SESSION_ERRORS.includes(value.code)) {
    notes[0].append(el("p", {}, el("a", { href: "/console/what-is-a-ks#refused" }, "What a KS is, and why one is refused"), " · ",
      id && el("a", { href: `/console/ks#why=${encodeURIComponent(id)}` }, "Ask why this request was refused")));
  }
  if (HIDDEN.test(value.code) && !session.sees()) {
    const enforced = await session.enforced(values.ks);
    if (enforced !== false) {
      const cure = el("button", { type: "button" }, "Start a session that sees everything");
      cure.addEventListener("click", () => startSeeingAll());
      notes.push(el("div", { class: "note cure" },
        el("p", {}, el("strong", {}, enforced ? "This account enforces entitlement." : "The account may enforce entitlement."),
          " A session then sees only what its user is entitled to, and what exists is answered as not found."),
        el("p", {}, "The cure: start the session with ", el("code", {}, "all:*,disableentitlement"), " in ", el("strong", {}, "privileges (string)"), "."),
        el("p", {}, cure)));
    }
  }
  return notes;
}

async function startSeeingAll() {
  const known = session.facts();
  await choose("session", "start", {
    ...(known.userId ? { userId: known.userId } : {}),
    ...(known.type !== undefined ? { type: known.type } : {}),
    ...(known.partnerId ? { partnerId: known.partnerId } : {}),
    privileges: "all:*,disableentitlement",
  });
  form.fields[0].input?.focus();
}

// History.
function showHistory() {
  const entries = readHistory();
  $("history").replaceChildren(el("option", { value: "" }, "Select request"),
    ...entries.map((entry, index) => el("option", { value: String(index) }, `${entries.length - index}. ${entry.title}`)));
  $("clear-history").disabled = entries.length === 0;
}
$("history").addEventListener("change", async () => {
  const entry = readHistory()[Number($("history").value)];
  if ($("history").value === "" || !entry) return;
  $("format").value = entry.format;
  if (entry.multi) {
    await choose("multirequest");
    cards = [];
    $("cards").replaceChildren();
    for (const call of entry.calls) await addCard(call.service, call.action, call.values);
    changed();
  } else {
    await choose(entry.calls[0].service, entry.calls[0].action, entry.calls[0].values);
  }
});
$("clear-history").addEventListener("click", () => {
  clearHistory();
  showHistory();
});

// Code.
let language = "php";
let reveal = false;
$("languages").append(...LANGUAGES.map(({ id, name }) =>
  el("button", { type: "button", role: "tab", id: `language-${id}`, "aria-controls": "code" }, name)));
const languageTabs = tabs($("languages"), (button) => {
  language = button.id.replace("language-", "");
  if ($("code").dataset.started) openCode(true);
});
languageTabs.select("language-php");
$("code").dataset.started = "yes";
$("toggle-code").addEventListener("click", () => openCode($("code").hidden));

function openCode(open) {
  $("code").hidden = !open;
  $("toggle-code").textContent = open ? "Hide Code Example" : "Show Code Example";
  $("toggle-code").setAttribute("aria-expanded", String(open));
  if (open) showCode();
}

function showCode() {
  const list = calls();
  const pane = $("code");
  if (!list) {
    pane.replaceChildren(el("p", { class: "muted" }, "Choose a service and an action first."));
    return;
  }
  const ks = globals.ks.get()?.value;
  const withKs = list.map((call) => ({ ...call, ks }));
  const model = { url: location.origin, reveal, partner: session.facts().partnerId ?? globals.partnerId.get()?.value };
  if (list.multi) model.calls = withKs;
  else model.call = withKs[0];
  const text = example(language, model);
  const copy = el("button", { type: "button", class: "small" }, "Copy");
  copy.addEventListener("click", () => copyText(text, copy));
  const box = el("input", { type: "checkbox", checked: reveal });
  box.addEventListener("change", () => {
    reveal = box.checked;
    showCode();
    pane.querySelector('input[type="checkbox"]').focus();
  });
  const parts = [el("pre", { tabindex: "0" }, el("code", {}, text)),
    el("div", { class: "row" }, copy, el("label", { class: "check" }, box, "Show secrets"),
      el("a", { href: "/api_v3/testme/client-libs.php" }, "Install the client"))];
  const snippet = !list.multi && list[0].service === "session" && list[0].action === "start" ? MINT[language] : undefined;
  if (snippet) {
    const copySnippet = el("button", { type: "button", class: "small" }, "Copy");
    copySnippet.addEventListener("click", () => copyText(snippet, copySnippet));
    parts.push(el("h3", {}, "Mint locally"),
      el("p", { class: "hint" }, "This client cannot make a KS by itself. These lines can, with no call at all; the server accepts it like its own."),
      el("pre", { tabindex: "0" }, el("code", {}, snippet)), el("p", {}, copySnippet));
  }
  pane.replaceChildren(...parts);
}

// A link may say what to open.
showHistory();
const link = readLink();
if (link.service) {
  const service = find(link.service);
  if (service || link.service === "multirequest") {
    const wanted = link.action ?? "";
    await choose(link.service, wanted, link.values);
    if (service && wanted && !service.actions.some((it) => it.name.toLowerCase() === wanted.toLowerCase())) {
      $("answer").replaceChildren(el("div", { class: "error" }, el("p", {}, `The service ${service.id} has no action “${wanted}”.`)));
    }
  } else {
    $("answer").replaceChildren(el("div", { class: "error" }, el("p", {}, `There is no service “${link.service}”.`)));
  }
}
document.documentElement.dataset.ready = "yes";
