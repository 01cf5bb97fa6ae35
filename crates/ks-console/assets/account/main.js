// The account console: who is signed in, and the view that the address names.
import { open } from "../call.js";
import { el } from "../dom.js";
import { call, enter, signIn, signOut, who } from "./api.js";
import { attempt, dialog, field, input } from "./ui.js";

const root = document.getElementById("account");
const place = document.getElementById("view");
const nav = root.querySelector(".account-nav");
const badge = document.getElementById("who");
const name = root.dataset.view;

function signInForm() {
  const loginId = input({ type: "email", autocomplete: "username", required: true });
  const password = input({ type: "password", autocomplete: "current-password", required: true });
  const otp = input({ inputmode: "numeric", autocomplete: "one-time-code", maxlength: "8" });
  const partnerId = input({ inputmode: "numeric", pattern: "[0-9]*" });
  const code = el("div", { hidden: true },
    field("One-time code", otp, ["The six digits that your authenticator app shows now. Without an app, set one up with a link by mail: ask for a new password."]));
  const form = el("form", { class: "card sign-in", "aria-label": "Sign in" },
    el("h2", {}, "Sign in"),
    field("E-mail", loginId), field("Password", password), code,
    el("details", {}, el("summary", {}, "You have several accounts?"),
      field("Partner id", partnerId, "The account to sign in to.")),
    el("p", { class: "row" }, el("button", { class: "primary", type: "submit" }, "Sign in"),
      el("button", { type: "button", class: "quiet", onclick: () => forgotten(loginId.value.trim()) }, "Forgot the password?"),
      el("a", { href: "/console/register" }, "Open an account")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wanted = { loginId: loginId.value.trim(), password: password.value };
    if (otp.value.trim()) wanted.otp = otp.value.trim();
    if (partnerId.value.trim()) wanted.partnerId = Number(partnerId.value);
    let refused = "";
    const session = await attempt(form, () => signIn(wanted).catch((error) => {
      refused = error.code;
      throw error;
    }));
    otp.value = "";
    if (session) {
      password.value = "";
      await show(session);
    } else if (refused.endsWith("_OTP")) {
      // The password stays: it was not what was wrong.
      code.hidden = false;
      otp.focus();
    } else password.value = "";
  });
  return form;
}

/** A link by mail, with which a new password is set, and a second factor. */
function forgotten(address) {
  const email = input({ type: "email", autocomplete: "username", required: true, value: address });
  dialog("A new password", [
    el("p", {}, "A link goes to the address, if it has a login. With it a new password is set, and an authenticator where one is wanted. It is good for a day, once."),
    field("E-mail", email),
  ], () => open("user.resetPassword", { email: email.value.trim() }), { button: "Send the link" });
}

async function head(session) {
  const accounts = await call("partner.listPartnersForUser").catch(() => ({ objects: [] }));
  const own = (accounts.objects ?? []).find((partner) => partner.id === session.partnerId);
  const others = (accounts.objects ?? []).length > 1;
  const chooser = others && el("select", {
    "aria-label": "Account",
    onchange: async (event) => {
      const entered = await attempt(place, () => enter(Number(event.target.value)));
      if (entered) location.reload();
    },
  }, accounts.objects.map((partner) =>
    el("option", { value: partner.id, selected: partner.id === session.partnerId }, `${partner.name} (${partner.id})`)));
  badge.replaceChildren(
    el("span", {}, session.userId || "anonymous"),
    chooser || el("span", { class: "badge" }, own ? `${own.name} (${session.partnerId})` : String(session.partnerId)),
    el("button", {
      type: "button", class: "small",
      onclick: async () => {
        await signOut().catch(() => {});
        location.assign("/console");
      },
    }, "Sign out"));
  badge.hidden = false;
  nav.hidden = false;
}

async function show(session) {
  await head(session);
  const { draw } = await import(`./views/${name}.js`);
  place.replaceChildren();
  await attempt(place, () => draw(place, session));
}

/** What needs no session. */
const OPEN = ["register", "mails"];

async function start() {
  const { session, isDevelopment } = await who();
  if (isDevelopment) {
    const link = el("a", { href: "/console/mails", "aria-current": name === "mails" ? "page" : undefined }, "Mails");
    nav.querySelector("ul").append(el("li", {}, link));
  }
  if (OPEN.includes(name)) {
    if (session && name === "mails") await head(session);
    const { draw } = await import(`./views/${name}.js`);
    await attempt(place, () => draw(place));
  } else if (session) await show(session);
  else {
    root.querySelector("h1").textContent = "Your account";
    place.replaceChildren(signInForm());
    if (isDevelopment) place.append(el("p", { class: "hint sign-in" }, "This is a development server: ", el("a", { href: "/console/mails" }, "the mails that it keeps"), "."));
  }
}

start();
