// The test console.
import { ask, seeingAll } from "./answer.js";
import { codePanel } from "./code.js";
import { announce, copyText, el, prose, uid } from "./dom.js";
import { actionForm, field, load, resultPaths } from "./form.js";
import { clearHistory, readHistory, remember } from "./history.js";
import { readLink, writeLink } from "./link.js";
import { importer } from "./paste.js";
import { chip } from "./session.js";
import { asksForAdmin } from "./wire.js";

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
  const wanted = () => `action/${$("service").value}.${$("action").value}`;
  const name = wanted();
  form = undefined;
  $("params").replaceChildren();
  const info = await load(name);
  // Another one was chosen while this one was on its way.
  if (multi || wanted() !== name) return;
  form = actionForm(info, { changed });
  $("params").replaceChildren(form.element);
  describe($("action-hint"), info);
  await form.set(values);
  changed();
}

function describe(hint, info) {
  const doc = `/api_v3/testmeDoc/?action=${encodeURIComponent(`${info.service}.${info.action}`)}`;
  hint.replaceChildren(...prose(info.description), " ", info.deprecated ? `Deprecated: ${info.deprecated} ` : "", el("a", { href: doc }, "Documentation"));
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
    const wanted = () => `action/${service.value}.${action.value}`;
    const name = wanted();
    card.form = undefined;
    params.replaceChildren();
    const info = await load(name);
    if (wanted() !== name) return;
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

const code = codePanel($("examples"), () => ({
  calls: calls(), ks: globals.ks.get()?.value, partner: session.facts().partnerId ?? globals.partnerId.get()?.value,
}));

let pending = false;
function changed() {
  if (pending) return;
  pending = true;
  queueMicrotask(() => {
    pending = false;
    const list = calls();
    $("admin-warning").hidden = !asksForAdmin(list);
    code.update();
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
  $("send").disabled = true;
  await ask($("answer"), list, values, { use, cure, session });
  $("send").disabled = false;
  remember(list, $("format").value);
  showHistory();
});

async function use(ks, call) {
  await globals.ks.set(ks);
  session.use(ks, call);
  changed();
}

async function cure(known) {
  await choose("session", "start", seeingAll(known));
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

// A line of curl fills the form.
$("import").replaceWith(importer(async ({ service, action, values, calls: several, globals: given }) => {
  if (several) {
    await choose("multirequest");
    cards = [];
    $("cards").replaceChildren();
    for (const call of several) await addCard(call.service, call.action, call.values);
  } else {
    const known = find(service)?.actions.some((it) => it.name.toLowerCase() === action.toLowerCase());
    if (!known) throw new Error(`There is no action ${service}.${action} here.`);
    await choose(service, action, values);
  }
  if ([...$("format").options].some((option) => option.value === given.format)) $("format").value = given.format;
  const own = form?.fields.some((made) => made.spec.name === "partnerId");
  for (const [name, made] of Object.entries(globals)) {
    if (given[name] !== undefined && !(name === "partnerId" && own)) await made.set(given[name]);
  }
  if (given.ks) session.typed();
  changed();
}));

// The palette goes to actions within this page.
document.addEventListener("ks:go", (event) => {
  const [service, action] = event.detail.name.split(".");
  if (!find(service)?.actions.some((it) => it.name === action)) return;
  event.preventDefault();
  choose(service, action);
});

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
