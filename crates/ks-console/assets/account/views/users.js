// People of the account.
import { el } from "../../dom.js";
import { call } from "../api.js";
import { badge, confirm, dialog, field, input, paged, select, table, time } from "../ui.js";

const STATES = { 0: ["blocked", "bad"], 1: ["active", "good"], 2: ["deleted", ""] };

export async function draw(place, session) {
  const roles = (await call("userRole.list", { filter: { statusEqual: 1 }, pager: { pageSize: 500 } })).objects ?? [];
  const name = input({ type: "search", placeholder: "name or e-mail" });
  const who = select([["", "everybody"], ["1", "administrators"], ["0", "others"]], "");
  const filter = () => {
    const wanted = { statusIn: "0,1", orderBy: "-createdAt" };
    if (name.value.trim()) wanted.idOrScreenNameStartsWith = name.value.trim();
    if (who.value !== "") wanted.isAdminEqual = who.value === "1";
    return wanted;
  };
  const list = paged(
    (pager) => call("user.list", { filter: filter(), pager }),
    (users) => table("Users", [
      ["User", (user) => [el("strong", {}, user.id), user.fullName && user.fullName !== user.id && el("div", { class: "muted" }, user.fullName)]],
      ["E-mail", (user) => user.email ?? ""],
      ["Roles", (user) => el("span", { class: "row" }, user.isAccountOwner && badge("owner", "accent"), user.isAdmin && badge("administrator", "warn"),
        (user.roleNames ?? "").split(",").filter(Boolean).map((role) => badge(role)))],
      ["State", (user) => el("span", { class: "row" }, badge(...(STATES[user.status] ?? ["unknown"])), user.loginEnabled && badge("may log in"))],
      ["Last login", (user) => time(user.lastLoginTime)],
      ["", (user) => actions(user, roles, list, session)],
    ], users, "Nobody."));
  const search = el("form", { class: "toolbar", role: "search" }, field("Search", name), field("Who", who),
    el("button", { type: "submit" }, "Search"),
    el("button", { type: "button", class: "primary", onclick: () => add(roles, list) }, "Add a user"));
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    list.restart();
  });
  place.append(search, list.place);
  await list.show();
}

const rolePicker = (roles, chosen) => {
  const picker = select(roles.map((role) => [role.id, role.name]), "", { multiple: true, size: Math.min(6, Math.max(2, roles.length)) });
  const ids = new Set((chosen ?? "").split(",").filter(Boolean));
  for (const option of picker.options) option.selected = ids.has(option.value);
  return picker;
};
const chosenRoles = (picker) => [...picker.selectedOptions].map((option) => option.value).join(",");

function add(roles, list) {
  const id = input({ required: true });
  const email = input({ type: "email" });
  const first = input();
  const last = input();
  const admin = input({ type: "checkbox" });
  const password = input({ type: "password", autocomplete: "new-password" });
  const picker = rolePicker(roles, "");
  dialog("Add a user", [
    field("User id", id), field("First name", first), field("Last name", last), field("E-mail", email),
    el("p", {}, el("label", { class: "check" }, admin, "Administrator: may work in this console")),
    field("Roles", picker, "Without a role, what the account's default role allows."),
    field("Password", password, "With one, the user may log in by e-mail and password at once."),
  ], () => {
    const user = { objectType: "KalturaUser", id: id.value.trim(), isAdmin: admin.checked };
    if (email.value.trim()) user.email = email.value.trim();
    if (first.value.trim()) user.firstName = first.value.trim();
    if (last.value.trim()) user.lastName = last.value.trim();
    if (chosenRoles(picker)) user.roleIds = chosenRoles(picker);
    if (password.value) {
      user.password = password.value;
      user.loginEnabled = true;
    }
    return call("user.add", { user });
  }, { button: "Add", done: list.restart });
}

function actions(user, roles, list, session) {
  const button = (text, act, kind = "") =>
    el("button", { type: "button", class: `small ${kind}`, "aria-label": `${text}: ${user.id}`, onclick: act }, text);
  const change = () => {
    const picker = rolePicker(roles, user.roleIds);
    const email = input({ type: "email", value: user.email ?? "" });
    dialog(`Change ${user.id}`, [field("E-mail", email), field("Roles", picker)], () => call("user.update", {
      userId: user.id, user: { objectType: "KalturaUser", email: email.value.trim(), roleIds: chosenRoles(picker) },
    }), { done: list.show });
  };
  const status = (value) => () => call("user.update", { userId: user.id, user: { objectType: "KalturaUser", status: value } });
  return el("span", { class: "row" },
    button("Change", change),
    user.id !== session.userId && (user.status === 1
      ? button("Block", () => confirm(`Block ${user.id}?`, "The user loses access at the next call; sessions of a login end.", "Block", status(0), list.show), "danger")
      : button("Unblock", () => confirm(`Unblock ${user.id}?`, "The user may log in again.", "Unblock", status(1), list.show))),
    user.id !== session.userId && !user.isAccountOwner &&
      button("Delete", () => confirm(`Delete ${user.id}?`, "The user is gone for good, and sessions of a login end.", "Delete", () => call("user.delete", { userId: user.id }), list.show), "danger"));
}
