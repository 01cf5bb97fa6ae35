// Settings → Integration settings: partner id and secrets.
import { el } from "../../dom.js";
import { call } from "../api.js";
import { badge, confirm, copyable, dialog, field, input, once, secret, select, table, time } from "../ui.js";

const KINDS = { 0: "User secret", 2: "Administrator secret" };
const STATES = { 0: ["disabled", "warn"], 1: ["accepted", "good"], 2: ["revoked", "bad"] };

export async function draw(place) {
  const info = await call("partner.getInfo");
  const facts = el("dl", { class: "facts" });
  const add = (name, content) => facts.append(el("dt", {}, name), el("dd", {}, content));
  add("Account", info.name ?? "");
  add("Partner ID", copyable(info.id, "partner ID"));
  add("Sub Partner ID", copyable(`${info.id}00`, "sub partner ID"));
  const hidden = el("span", { class: "muted" }, "not for your role");
  add("Administrator Secret", info.adminSecret ? secret(info.adminSecret, "administrator secret") : hidden);
  add("User Secret", info.secret ? secret(info.secret, "user secret") : hidden.cloneNode(true));
  place.append(
    el("section", { class: "card" }, el("h2", {}, "Account info"), facts,
      el("p", {}, el("a", { class: "button", href: `/api_v3/testme/?service=session&action=start#partnerId=${info.id}` }, "Start a session in the test console"))),
    el("div", { class: "warning" }, el("p", {}, el("strong", {}, "A secret opens the whole account."), " Give it to servers that you run, and to nobody else. For third parties there are ",
      el("a", { href: "/console/app-tokens" }, "app tokens"), " and ", el("a", { href: "/console/users" }, "users"), ", which can be taken back one by one.")));

  const list = el("section", {});
  place.append(list);
  const redraw = async () => {
    const { objects = [] } = await call("ks_secret.list");
    list.replaceChildren(
      el("h2", {}, "All secrets"),
      el("p", {}, "Several are accepted at the same time, so that one can be replaced without a gap: add a secret, give it to your programs, make it the primary one, wait until the old one is no longer used, disable it."),
      el("p", { class: "row" }, el("button", { type: "button", class: "primary", onclick: () => addSecret(redraw) }, "Add a secret")),
      table("All secrets", [
        ["Secret", (one) => `${KINDS[one.kind] ?? one.kind} ${one.id}`],
        ["State", (one) => el("span", { class: "row" }, badge(...(STATES[one.status] ?? ["unknown"])), one.primary && badge("primary", "accent"))],
        ["Added", (one) => time(one.createdAt)],
        ["Last used", (one) => time(one.lastUsedAt)],
        ["", (one) => one.status === 1 && !one.primary && el("span", { class: "row" },
          el("button", { type: "button", class: "small", "aria-label": `Make secret ${one.id} primary`, onclick: () => confirm("Make it primary?", "New sessions that this server starts are signed with it.", "Make primary", () => call("ks_secret.setPrimary", { id: one.id }), redraw) }, "Make primary"),
          el("button", { type: "button", class: "small danger", "aria-label": `Disable secret ${one.id}`, onclick: () => confirm("Disable this secret?", "Sessions that were made with it are refused from the next request on.", "Disable", () => call("ks_secret.disable", { id: one.id }), redraw) }, "Disable"))],
      ], objects));
  };
  await redraw();
}

function addSecret(redraw) {
  const kind = select([[2, KINDS[2]], [0, KINDS[0]]], 2);
  const value = input({ type: "password", minlength: "16" });
  dialog("Add a secret", [
    field("Kind", kind),
    field("Value", value, "At least 16 characters; a random one is made when this is left empty."),
  ], () => call("ks_secret.add", { kind: Number(kind.value), ...(value.value ? { value: value.value } : {}) }), {
    button: "Add",
    done: async (added) => {
      await redraw();
      if (added.value) once("The new secret", [[KINDS[added.kind], secret(added.value, "new secret")]]);
    },
  });
}
