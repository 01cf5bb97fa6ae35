// A call and its answer, as the consoles show it: status, time and size, the text, a tree, headers, what was sent, and
// what helps where it failed.
import { announce, copyText, download, el, tabs } from "./dom.js";
import { looksLikeKs } from "./ks.js";
import { isError, lines, read, tree } from "./result.js";
import { masked, request } from "./wire.js";

const bytes = (count) => (count < 1024 ? `${count} B` : `${(count / 1024).toFixed(1)} KB`);

/** Sends a request and shows its answer in a pane; answers what came, or nothing where the server did not answer. */
export async function ask(pane, list, values, options) {
  let done;
  try {
    done = await send(list, values);
  } catch {
    pane.replaceChildren(el("div", { class: "error" }, el("p", {}, "The server did not answer.")));
    return undefined;
  }
  await show(pane, done, options);
  return done;
}

/** Sends a request; `values` is what goes with every call. Throws where the server does not answer. */
async function send(list, values) {
  const { path, options } = request(list, values);
  const hidden = { ...values, ...(values.ks ? { ks: "********" } : {}) };
  const { shown } = request(Object.assign(list.map(masked), { multi: list.multi }), hidden);
  const started = performance.now();
  const response = await fetch(path, options);
  const text = await response.text();
  const took = performance.now() - started;
  const answer = read(text, response.headers.get("content-type") ?? "");
  const failed = !list.multi && isError(answer.value);
  return { list, values, response, text, took, answer, failed, sent: `POST ${path}\n\n${shown}` };
}

/** What was made without a server, in the form of an answer. */
export function local(list, value, sent) {
  const text = JSON.stringify(value);
  return { list, values: {}, text, answer: read(text, "application/json"), failed: false, sent };
}

const title = ({ list }) => (list.multi ? `Multi-request (${list.length})` : `${list[0].service}.${list[0].action}`);

/** The answer that others are compared with. It is kept in the open page and nowhere else. */
let kept;

/**
 * Shows an answer. `use(ks, call)` takes a session that it brings, `cure(facts)` starts one that sees everything;
 * `prefix` tells several panes of a page apart; `folded` puts the headers behind a fold and shows a text without quotes.
 */
export async function show(pane, done, { use, cure, session, prefix = "", folded = false }) {
  const { list, response, answer, failed } = done;
  const bare = folded && answer.format === "json" && typeof answer.value === "string";
  const pretty = bare ? answer.value : answer.pretty;
  const size = new TextEncoder().encode(done.text).length;
  const good = !failed && (response?.ok ?? true);
  const status = el("div", { class: "status", role: "status" },
    el("span", { class: `badge ${good ? "good" : "bad"}` }, good ? "Success" : failed ? "Error" : "Failed"),
    response && el("span", {}, `HTTP ${response.status} ${response.statusText}`.trim()),
    response && el("span", {}, `${done.took.toFixed(0)} ms`), el("span", {}, bytes(size)));
  const headers = response && el("dl", { class: "facts" },
    [...response.headers].flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  const compare = kept && kept.done !== done ? el("div", { class: "compare" }) : undefined;
  const panels = [
    ["text", "Text", lines(pretty)],
    ["tree", "Tree", answer.format === "text" ? undefined : tree(answer)],
    ["headers", "Headers", folded ? undefined : headers],
    ["sent", "Request", el("pre", { tabindex: "0" }, done.sent)],
    ["compare", "Compare", compare],
  ].filter(([, , panel]) => panel);
  const bar = el("div", { role: "tablist", "aria-label": "Views of the answer" }, panels.map(([id, name]) =>
    el("button", { type: "button", role: "tab", id: `${prefix}tab-${id}`, "aria-controls": `${prefix}panel-${id}` }, name)));
  const notes = [...sessionNote(list, answer.value, use), ...(await errorNotes(done, session, cure))];
  pane.replaceChildren(status, ...notes,
    ...(folded && headers ? [el("details", { class: "headers" }, el("summary", {}, "Headers"), headers)] : []),
    el("div", { class: "answer-bar" }, bar, tools(done, pretty, answer.format)),
    ...panels.map(([id, , panel]) =>
      el("div", { role: "tabpanel", id: `${prefix}panel-${id}`, "aria-labelledby": `${prefix}tab-${id}` }, panel)));
  tabs(bar, async (button) => {
    if (button.id !== `${prefix}tab-compare` || compare.hasChildNodes()) return;
    const { sideBySide } = await import("./compare.js");
    compare.replaceChildren(sideBySide(kept, { title: title(done), text: answer.pretty }));
  }).select(`${prefix}tab-text`);
}

function tools(done, pretty, format) {
  const copy = el("button", { type: "button", class: "small" }, "Copy");
  copy.addEventListener("click", () => copyText(pretty, copy));
  const save = el("button", { type: "button", class: "small" }, "Download");
  const extension = { xml: "xml", json: "json", text: "txt" }[format];
  save.addEventListener("click", () => download(done.text, `${done.list.multi ? "multirequest" : title(done)}.${extension}`));
  const keep = el("button", { type: "button", class: "small", title: "Compares the next answers with this one" }, "Keep to compare");
  keep.addEventListener("click", () => {
    kept = { done, title: title(done), text: done.answer.pretty };
    keep.textContent = "Kept";
    announce("Kept: the next answers can be compared with this one.");
  });
  return el("div", { class: "row" }, keep, copy, save);
}

/** Where an answer brings a session, it can be used at once. */
function sessionNote(list, value, use) {
  const found = (it) => (looksLikeKs(it) ? it : looksLikeKs(it?.ks) ? it.ks : undefined);
  const values = list.multi && Array.isArray(value) ? value : [value];
  const at = values.findIndex((it) => found(it));
  if (at < 0 || !use) return [];
  const button = el("button", { type: "button", class: "primary" }, "Use this session");
  const note = el("div", { class: "success row" }, el("span", {}, "This is a KS. "), button, el("a", { href: "/console/what-is-a-ks" }, "What a KS is"));
  button.addEventListener("click", async () => {
    await use(found(values[at]), list[at]);
    note.replaceChildren("The console uses this session for the next calls.");
    announce("The console uses this session.");
  });
  return [note];
}

const SESSION_ERRORS = ["INVALID_KS", "MISSING_KS", "SERVICE_FORBIDDEN"];
const HIDDEN = /^(CATEGORY|ENTRY|INVALID_ENTRY|PARENT_CATEGORY).*(NOT_FOUND|INVALID_ENTRY_ID)$/;

/** What helps against an error. */
async function errorNotes({ failed, answer: { value }, response, values }, session, cure) {
  if (!failed) return [];
  const notes = [el("div", { class: "error" }, el("p", {}, el("strong", {}, value.code), `: ${value.message}`))];
  const id = response.headers.get("x-kaltura-session");
  if (SESSION_ERRORS.includes(value.code)) {
    notes[0].append(el("p", {}, el("a", { href: "/console/what-is-a-ks#refused" }, "What a KS is, and why one is refused"), " · ",
      id && el("a", { href: `/console/ks#why=${encodeURIComponent(id)}` }, "Ask why this request was refused")));
  }
  if (HIDDEN.test(value.code) && !session.sees()) {
    const enforced = await session.enforced(values.ks);
    if (enforced !== false) {
      const button = cure && el("button", { type: "button" }, "Start a session that sees everything");
      button?.addEventListener("click", () => cure(session.facts()));
      notes.push(el("div", { class: "note cure" },
        el("p", {}, el("strong", {}, enforced ? "This account enforces entitlement." : "The account may enforce entitlement."),
          " A session then sees only what its user is entitled to, and what exists is answered as not found."),
        el("p", {}, "The cure: start the session with ", el("code", {}, "all:*,disableentitlement"), " in ", el("strong", {}, "privileges"), "."),
        button && el("p", {}, button)));
    }
  }
  return notes;
}

/** The values of a `session.start` that sees everything, after what is known of the present session. */
export const seeingAll = (known) => ({
  ...(known.userId ? { userId: known.userId } : {}),
  ...(known.type !== undefined ? { type: known.type } : {}),
  ...(known.partnerId ? { partnerId: known.partnerId } : {}),
  privileges: "all:*,disableentitlement",
});
