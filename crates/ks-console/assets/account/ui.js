// Pieces that the views of the account console share.
import { announce, copyText, el, uid } from "../dom.js";
import { distance, instant } from "../time.js";

/** What went wrong, in words, with what helps. */
export function failure(error) {
  const hints = {
    SERVICE_FORBIDDEN: "No role of yours has a permission for this.",
    INVALID_KS: "Your session is over: sign in again.",
    MISSING_KS: "Your session is over: sign in again.",
  };
  const hint = hints[error.code];
  return el("div", { class: "error", role: "alert" },
    el("p", {}, el("strong", {}, error.code ?? "Error"), `: ${error.message}`),
    hint && el("p", {}, hint, error.code === "INVALID_KS" && [" ", el("a", { href: "/console/what-is-a-ks#refused" }, "What a KS is")]),
    error.requestId && el("p", { class: "muted" }, `Request id: ${error.requestId}`));
}

/** Runs something that may fail, and shows in `place` when it does. */
export async function attempt(place, work) {
  place.querySelectorAll(":scope > .error").forEach((old) => old.remove());
  try {
    return await work();
  } catch (error) {
    place.prepend(failure(error));
    return undefined;
  }
}

/** A labelled control. */
export function field(label, control, hint) {
  control.id ||= uid();
  const note = hint && el("p", { class: "hint", id: uid() }, hint);
  if (note) control.setAttribute("aria-describedby", note.id);
  return el("div", { class: "field" }, el("label", { for: control.id }, label), control, note);
}

export const input = (attributes = {}) => el("input", { autocomplete: "off", ...attributes });

/** A choice: pairs of value and text. */
export const select = (pairs, chosen, attributes = {}) =>
  el("select", attributes, pairs.map(([value, text]) =>
    el("option", { value, selected: String(value) === String(chosen) }, text)));

export const time = (seconds) =>
  seconds ? el("time", { datetime: new Date(seconds * 1000).toISOString(), title: distance(seconds) }, instant(seconds))
    : el("span", { class: "muted" }, "never");

export const badge = (text, kind = "") => el("span", { class: `badge ${kind}` }, text);

/** A table: columns are pairs of heading and a function from row to content. */
export function table(caption, columns, rows, none = "None.") {
  if (rows.length === 0) return el("p", { class: "muted" }, none);
  const head = el("tr", {}, columns.map(([name]) => el("th", { scope: "col" }, name)));
  const body = rows.map((row) => el("tr", {}, columns.map(([, cell], index) =>
    el(index === 0 ? "th" : "td", index === 0 ? { scope: "row" } : {}, cell(row) ?? ""))));
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el("table", {}, el("caption", { class: "sr-only" }, caption), el("thead", {}, head), el("tbody", {}, body)));
}

/** A secret: masked, with buttons to show it and to copy it. */
export function secret(value, name) {
  const mask = "•".repeat(24);
  const text = el("code", {}, mask);
  const show = el("button", {
    type: "button", class: "small", "aria-pressed": "false", "aria-label": `Show ${name}`,
    onclick: () => {
      const shown = show.getAttribute("aria-pressed") === "true";
      show.setAttribute("aria-pressed", String(!shown));
      show.setAttribute("aria-label", `${shown ? "Show" : "Hide"} ${name}`);
      show.textContent = shown ? "Show" : "Hide";
      text.textContent = shown ? mask : value;
    },
  }, "Show");
  const copy = el("button", { type: "button", class: "small", "aria-label": `Copy ${name}`, onclick: () => copyText(value, copy) }, "Copy");
  return el("span", { class: "secret" }, text, show, copy);
}

/** A text that is worth copying. */
export function copyable(value, name) {
  const copy = el("button", { type: "button", class: "small", "aria-label": `Copy ${name}`, onclick: () => copyText(String(value), copy) }, "Copy");
  return el("span", { class: "secret" }, el("code", {}, String(value)), copy);
}

/** A form in a dialog. `save` gets nothing and may throw what `failure` shows; its answer decides what `done` gets. */
export function dialog(title, fields, save, { button = "Save", danger = false, done = () => {} } = {}) {
  const body = el("div", {}, fields);
  const submit = el("button", { type: "submit", class: danger ? "danger" : "primary" }, button);
  const form = el("form", { autocomplete: "off" },
    el("h2", { id: uid("title") }, title), body,
    el("p", { class: "row" }, submit, el("button", { type: "button", onclick: () => box.close() }, "Cancel")));
  const box = el("dialog", { "aria-labelledby": form.firstChild.id }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    form.querySelectorAll(":scope > .error").forEach((old) => old.remove());
    try {
      const answer = await save();
      box.close();
      announce("Done");
      await done(answer);
    } catch (error) {
      form.insertBefore(failure(error), body);
    } finally {
      submit.disabled = false;
    }
  });
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
  return box;
}

/** Asks before something that cannot be undone. */
export const confirm = (title, text, button, act, done) =>
  dialog(title, el("p", {}, text), act, { button, danger: true, done });

/** Something that is shown once: it is not to be had again. */
export function once(title, facts) {
  const box = el("dialog", {}, el("h2", {}, title),
    el("p", { class: "once" }, "This is shown once. Copy it now."),
    el("dl", { class: "facts" }, facts.flatMap(([name, content]) => [el("dt", {}, name), el("dd", {}, content)])),
    el("p", { class: "row" }, el("button", { type: "button", class: "primary", onclick: () => box.close() }, "I have it")));
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}

/** A list that is read page by page: `load(pager)` answers `{ objects, totalCount }`, `draw(objects)` an element. */
export function paged(load, draw, pageSize = 30) {
  const place = el("div", {});
  let index = 1;
  const show = async () => {
    const answer = await attempt(place, () => load({ pageSize, pageIndex: index }));
    if (!answer) return;
    const total = answer.totalCount ?? 0;
    const last = Math.max(1, Math.ceil(total / pageSize));
    if (index > last) {
      index = last;
      await show();
      return;
    }
    const go = (step) => () => {
      index += step;
      show();
    };
    const row = el("div", { class: "row pages" },
      el("span", { class: "muted" }, total === 0 ? "" : `${(index - 1) * pageSize + 1} to ${Math.min(total, index * pageSize)} of ${total}`),
      last > 1 && el("span", { class: "row" },
        el("button", { type: "button", class: "small", disabled: index === 1, onclick: go(-1) }, "Newer"),
        el("button", { type: "button", class: "small", disabled: index === last, onclick: go(1) }, "Older")));
    place.replaceChildren(draw(answer.objects ?? []), row);
  };
  const restart = () => {
    index = 1;
    return show();
  };
  return { place, show, restart };
}
