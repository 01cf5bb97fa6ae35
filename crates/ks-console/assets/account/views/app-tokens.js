// Sessions for third parties, without the account's secrets.
import { el } from "../../dom.js";
import { call } from "../api.js";
import { badge, confirm, copyable, dialog, field, input, once, paged, secret, select, table, time } from "../ui.js";

const TYPES = { 0: "USER", 2: "ADMIN" };
const DAY = 86400;

export async function draw(place) {
  const list = paged(
    (pager) => call("appToken.list", { filter: { orderBy: "-createdAt" }, pager }),
    (tokens) => table("App tokens", [
      ["App token", (token) => [el("code", {}, token.id), el("div", { class: "muted" }, token.description ?? "")]],
      ["Starts sessions", (token) => [el("span", { class: "row" }, badge(TYPES[token.sessionType] ?? "USER", token.sessionType === 2 ? "warn" : ""), token.sessionUserId ? `of ${token.sessionUserId}` : "of any user"), token.sessionPrivileges && el("code", {}, token.sessionPrivileges)]],
      ["Ends", (token) => (token.expiry ? time(token.expiry) : "never")],
      ["State", (token) => badge(token.status === 2 ? "active" : "disabled", token.status === 2 ? "good" : "warn")],
      ["", (token) => actions(token, list)],
    ], tokens, "There are no app tokens."));
  place.append(
    el("p", {}, "With an app token a program starts sessions without knowing a secret of the account: it starts a widget session, proves that it knows the token by a hash, and gets a session with the privileges that the app token fixes. Deleting an app token ends its sessions."),
    el("p", { class: "row" }, el("button", { type: "button", class: "primary", onclick: () => add(list) }, "Add an app token")),
    list.place);
  await list.show();
}

function add(list) {
  const description = input();
  const type = select([[0, "USER"], [2, "ADMIN"]], 0);
  const warning = el("div", { class: "warning", hidden: true }, el("p", {}, "ADMIN sessions hold super-admin rights and must never reach an end user."));
  type.addEventListener("change", () => { warning.hidden = type.value !== "2"; });
  const user = input();
  const privileges = input();
  const hash = select(["SHA256", "SHA512", "SHA1", "MD5"].map((name) => [name, name]), "SHA256");
  const days = input({ type: "number", min: "0", value: "365" });
  const duration = input({ type: "number", min: "60", value: "86400" });
  dialog("Add an app token", [
    field("Description", description), field("Type of its sessions", type), warning,
    field("User of its sessions", user, "Whoever starts one says so, when this is left empty."),
    field("Privileges of its sessions", privileges), field("Hash", hash),
    field("Ends after days", days, "0: never."), field("Longest session, in seconds", duration),
  ], () => {
    const appToken = {
      objectType: "KalturaAppToken", sessionType: Number(type.value), hashType: hash.value, sessionDuration: Number(duration.value),
    };
    if (Number(days.value) > 0) appToken.expiry = Math.floor(Date.now() / 1000) + Number(days.value) * DAY;
    if (description.value.trim()) appToken.description = description.value.trim();
    if (user.value.trim()) appToken.sessionUserId = user.value.trim();
    if (privileges.value.trim()) appToken.sessionPrivileges = privileges.value.trim();
    return call("appToken.add", { appToken });
  }, {
    button: "Add",
    done: async (added) => {
      await list.restart();
      const facts = [["Id", copyable(added.id, "id")]];
      if (added.token) facts.push(["Token", secret(added.token, "token")]);
      once("The new app token", facts);
    },
  });
}

const actions = (token, list) => el("span", { class: "row" },
  el("button", { type: "button", class: "small danger", "aria-label": `Delete app token ${token.id}`, onclick: () => confirm("Delete this app token?", "Its sessions are refused from the next request on.", "Delete", () => call("appToken.delete", { id: token.id }), list.show) }, "Delete"));
