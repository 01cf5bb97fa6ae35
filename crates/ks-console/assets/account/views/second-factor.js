// Of whom a second factor is wanted, and an authenticator of one's own.
import { open } from "../../call.js";
import { announce, el } from "../../dom.js";
import { call } from "../api.js";
import { attempt, confirm, failure, field, input, select } from "../ui.js";

const WANTED = [
  [0, "Nobody: a password is enough"],
  [1, "Everybody"],
  [2, "Administrators"],
  [3, "Everybody but administrators"],
];

/** The account's rule. */
async function rule(place) {
  const section = el("section", { class: "card" }, el("h2", {}, "Who needs one"));
  place.append(section);
  const settings = await attempt(section, () => call("ks_account.get"));
  if (!settings) return;
  let now = settings.secondFactor;
  const wanted = select(WANTED, now);
  const save = el("button", { type: "submit", class: "primary" }, "Save");
  const form = el("form", {}, field("A second factor is wanted of", wanted, "Whoever logs in with a password then types a code from an authenticator app, too."),
    el("p", { class: "row" }, save));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = Number(wanted.value);
    const change = async () => {
      now = (await call("ks_account.update", { settings: { objectType: "KalturaKsAccountSettings", secondFactor: value } })).secondFactor;
      wanted.value = String(now);
    };
    if (value === now) announce("Nothing to change");
    else if (value === 0) confirm("Ask for no second factor?", "A password alone opens a login from now on.", "Ask for none", change, () => {});
    else {
      confirm("Ask for a second factor?", "Whoever has no authenticator yet cannot log in until it is set up with a link by mail. Set up your own below, before this session ends.", "Ask for it", change, () => {});
    }
  });
  section.append(form);
}

/** An authenticator of one's own: the key comes by mail, so that a session alone is not enough to take a login over. */
async function own(place) {
  const user = await call("user.get").catch(() => ({}));
  const email = input({ type: "email", required: true, value: user.email ?? "" });
  const key = input({ required: true, spellcheck: "false" });
  const sent = el("div", { "aria-live": "polite" });
  const made = el("div", { "aria-live": "polite" });
  const ask = el("form", {}, field("E-mail", email, "The address that you log in with."),
    el("p", { class: "row" }, el("button", { type: "submit" }, "Send me a key")), sent);
  ask.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await open("user.resetPassword", { email: email.value.trim() });
      sent.replaceChildren(el("div", { class: "success" }, el("p", {}, "A mail is on its way. Its key is good for a day, once.")));
      key.focus();
    } catch (error) {
      sent.replaceChildren(failure(error));
    }
  });
  const make = el("form", { autocomplete: "off" }, field("Key from the mail", key),
    el("p", { class: "row" }, el("button", { type: "submit", class: "primary" }, "Make the QR code")), made);
  make.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const image = await open("user.generateQrCode", { hashKey: key.value.trim() });
      key.value = "";
      made.replaceChildren(
        el("div", { class: "success" }, el("p", {}, el("strong", {}, "Scan this with your authenticator app now."), " It is not shown again. Codes of an older one are refused from now on.")),
        el("p", {}, el("img", { class: "qr", alt: "QR code of the second factor", src: `data:image/png;base64,${image}` })));
    } catch (error) {
      made.replaceChildren(failure(error));
    }
  });
  place.append(el("section", { class: "card" }, el("h2", {}, "Your authenticator"),
    el("p", {}, "Set it up, or replace it after a phone was lost. The key comes by mail, so that nobody who finds this page open can do it in your place."),
    el("ol", { class: "steps" }, el("li", {}, ask), el("li", {}, make))));
}

export async function draw(place) {
  await rule(place);
  await own(place);
}
