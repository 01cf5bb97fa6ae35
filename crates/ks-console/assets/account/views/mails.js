// The mails that a development server would have sent.
import { copyText, el } from "../../dom.js";
import { mails } from "../api.js";
import { attempt } from "../ui.js";

/** The key in a mail: the one long word that stands alone on its line. */
const keyIn = (text) => text.split("\n").find((line) => /^[A-Za-z0-9+/=.]{40,}$/.test(line));

function letter(mail) {
  const key = keyIn(mail.text);
  const copy = el("button", { type: "button", class: "small", onclick: () => copyText(key, copy) }, "Copy the key");
  return el("article", { class: "card mail" },
    el("h2", {}, mail.subject),
    el("p", { class: "muted" }, `To ${mail.to}`),
    el("pre", { tabindex: "0" }, mail.text.trim()),
    key && el("p", { class: "row" }, el("a", { class: "button primary", href: `/set-password#${encodeURIComponent(key)}` }, "Set a password with it"), copy));
}

export async function draw(place) {
  const list = el("div", { class: "mails" });
  const show = () => attempt(place, async () => {
    const all = await mails();
    list.replaceChildren(...(all.length === 0 ? [el("p", { class: "muted" }, "No mail was sent since the server started.")] : all.map(letter)));
  });
  place.append(
    el("p", {}, "A development server sends no mails: it keeps the last hundred, newest first, and shows them to whoever works on this machine."),
    el("p", { class: "row" }, el("button", { type: "button", onclick: show }, "Look again")),
    list);
  await show();
}
