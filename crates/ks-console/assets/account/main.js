// The account console: who is signed in, and the view that the address names.
import { el } from "../dom.js";
import { call, enter, signIn, signOut, who } from "./api.js";
import { attempt, field, input } from "./ui.js";

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
  const form = el("form", { class: "card sign-in", "aria-label": "Sign in" },
    el("h2", {}, "Sign in"),
    field("E-mail", loginId), field("Password", password),
    el("details", {}, el("summary", {}, "One-time code, partner id"),
      field("One-time code", otp, "Where a second factor is switched on."),
      field("Partner id", partnerId, "The account to sign in to, where you have several.")),
    el("p", { class: "row" }, el("button", { class: "primary", type: "submit" }, "Sign in"),
      el("a", { href: "/console/register" }, "Open an account")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wanted = { loginId: loginId.value.trim(), password: password.value };
    if (otp.value.trim()) wanted.otp = otp.value.trim();
    if (partnerId.value.trim()) wanted.partnerId = Number(partnerId.value);
    const session = await attempt(form, () => signIn(wanted));
    password.value = "";
    otp.value = "";
    if (session) await show(session);
    else if (form.querySelector(".error")?.textContent.includes("OTP")) form.querySelector("details").open = true;
  });
  return form;
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

async function start() {
  if (name === "register") {
    const { draw } = await import("./views/register.js");
    draw(place);
    return;
  }
  const session = await who().catch(() => null);
  if (session) await show(session);
  else place.replaceChildren(signInForm());
}

start();
