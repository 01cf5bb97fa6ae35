// A guided workflow: each step is a call to this server or is done in the browser, and its result goes into later steps.
import { ask, local, show } from "./answer.js";
import { codeLater } from "./code-later.js";
import { announce, el } from "./dom.js";
import { OPENAPI_NAMES, actionForm, load } from "./form.js";
import { NO_CRYPTO, proof, seal } from "./seal.js";
import { toPlain } from "./wire.js";

const REFERENCE = /\{(now|(\d+):(result|sent)((?::\w+)*))\}/g;

/** The steps that a value refers to. */
function referred(value) {
  const text = JSON.stringify(value);
  return [...text.matchAll(REFERENCE)].filter((found) => found[2]).map((found) => Number(found[2]));
}

/** A value with its references replaced by what earlier steps sent and answered. */
function resolve(value, done) {
  if (Array.isArray(value)) return value.map((item) => resolve(item, done));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, done)]));
  }
  if (typeof value !== "string") return value;
  return value.replace(REFERENCE, (_, whole, number, what, path = "") => {
    if (whole === "now") return String(Math.floor(Date.now() / 1000));
    const found = path.split(":").slice(1).reduce((it, key) => it?.[key], done[number]?.[what]);
    return found === undefined || found === null ? "" : String(found);
  });
}

const number = (text, other) => (/^-?\d+$/.test(text ?? "") ? Number(text) : other);

/** What is done without a call. */
const LOCAL = {
  mint: {
    describe: () => load("action/session.start"),
    said: "Made in this browser from the fields above, with SHA-1 and AES by Web Crypto. Nothing was sent.",
    run: ({ secret, partnerId, userId, type, expiry, privileges }) => seal({
      secret, partnerId, userId, type: number(type, 0), expiry: number(expiry, 86400), privileges,
    }),
  },
  hash: {
    describe: async () => ({
      service: "appToken", action: "proof", params: [
        { name: "ks", type: "string", sensitive: true, description: "The present session." },
        { name: "token", type: "string", sensitive: true, description: "The key of the app token." },
        { name: "hashType", type: "string", description: "How it is hashed." },
      ],
      enums: {},
    }),
    said: "The hash of the session followed by the key. Nothing was sent.",
    run: proof,
  },
};

const sentBy = (call) => Object.fromEntries(call.params.filter(({ node }) => node).map(({ name, node }) => [name, toPlain(node)]));

async function prepare(step, index, section, state) {
  const needed = [...new Set([...referred(step.values), ...referred(step.ks)])];
  const from = /^\{(\d+):/.exec(step.ks)?.[1];
  const info = await (LOCAL[step.call]?.describe() ?? load(`action/${step.call}`));
  let code;
  const form = actionForm(info, { changed: () => code?.update(), names: OPENAPI_NAMES, first: step.fields });
  const run = el("button", { type: "submit", class: "primary" }, `Run step ${index + 1}`);
  const waits = el("span", { class: "hint" });
  const answer = el("div", { class: "answer-place" });
  const element = el("form", { class: "request", autocomplete: "off", novalidate: true, "aria-label": `Step ${index + 1}` },
    form.element,
    from && el("p", { class: "hint" }, "The call carries the session of ", el("a", { href: `#step-${from}` }, `step ${from}`), "."),
    el("p", { class: "row" }, run, waits), answer);
  section.querySelector(".step-body").replaceChildren(element);
  if (!LOCAL[step.call]) {
    const place = el("div", { class: "code" });
    element.after(place);
    code = codeLater(place, () => ({ calls: [form.call()], ks: resolve(step.ks, state.done), partner: state.done[1]?.sent.partnerId }));
  }
  return { step, index, section, info, form, run, waits, answer, needed, element, state };
}

/** Fills a step in as soon as the steps that it takes values from are done. */
async function refresh(made) {
  const { state, step, run, waits, needed } = made;
  const missing = needed.filter((place) => !state.done[place]);
  run.disabled = missing.length > 0;
  waits.textContent = missing.length > 0 ? `Run step ${missing.join(" and ")} first.` : "";
  if (missing.length === 0) await made.form.set(resolve(step.values, state.done));
}

async function carryOut(made, app) {
  const { step, form, answer, state, index } = made;
  const call = form.call();
  const sent = sentBy(call);
  const prefix = `step-${index + 1}-`;
  const options = { session: app.session, folded: true, prefix, use: app.use };
  if (!LOCAL[step.call]) {
    const ks = resolve(step.ks, state.done);
    const values = { format: 1, clientTag: "developer-console", ...(ks ? { ks } : {}) };
    const done = await ask(answer, [call], values, options);
    return done && { sent, result: done.answer.value, code: done.failed ? done.answer.value.code : "" };
  }
  const { run, said } = LOCAL[step.call];
  try {
    if (NO_CRYPTO) throw new Error(NO_CRYPTO);
    const result = await run(sent);
    await show(answer, local([call], result, said), options);
    return { sent, result, code: "" };
  } catch (error) {
    answer.replaceChildren(el("div", { class: "error" }, el("p", {}, error.message)));
    return undefined;
  }
}

async function go(made, all, app) {
  const { step, run, section, state, index } = made;
  run.disabled = true;
  const done = await carryOut(made, app);
  run.disabled = false;
  const good = done && done.code === step.expects;
  section.classList.toggle("done", Boolean(good));
  const last = index + 1 === all.length;
  if (!good) {
    if (done) made.answer.prepend(el("div", { class: "warning" }, el("p", {}, step.expects
      ? `This step was to be answered with ${step.expects}; the workflow goes on from that.`
      : "The next steps need another answer: see below what helps, change the fields and run the step again.")));
    return;
  }
  state.done[index + 1] = done;
  const next = last ? undefined : all[index + 1];
  made.answer.prepend(el("div", { class: "success" }, el("p", {}, step.outcome),
    el("p", {}, next ? el("a", { href: `#step-${index + 2}` }, `Go to step ${index + 2}`) : "That was the last step.")));
  for (const later of all.slice(index + 1)) {
    if (later.needed.includes(index + 1)) await refresh(later);
  }
  announce(`Step ${index + 1} is done. ${step.outcome}`);
}

/** Makes the steps of the page work. */
export async function mountWorkflow(page, app) {
  const steps = JSON.parse(page.querySelector("#workflow").textContent);
  const state = { done: {} };
  const all = await Promise.all(steps.map((step, index) =>
    prepare(step, index, page.querySelector(`#step-${index + 1}`), state)));
  for (const made of all) {
    await refresh(made);
    made.element.addEventListener("submit", (event) => {
      event.preventDefault();
      go(made, all, app);
    });
  }
  return undefined;
}
