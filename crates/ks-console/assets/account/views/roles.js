// What people and sessions may do.
import { el } from "../../dom.js";
import { call } from "../api.js";
import { badge, confirm, dialog, field, input, paged, table } from "../ui.js";

export async function draw(place, session) {
  const permissions = (await call("permission.list", { filter: { statusEqual: 1 }, pager: { pageSize: 500 } })).objects ?? [];
  const names = permissions.map((permission) => permission.name);
  const list = paged(
    (pager) => call("userRole.list", { filter: { statusEqual: 1, orderBy: "+name" }, pager }),
    (roles) => table("Roles", [
      ["Role", (role) => [el("strong", {}, role.name), el("div", { class: "muted" }, role.description ?? "")]],
      ["System name", (role) => role.systemName && el("code", {}, role.systemName)],
      ["Permissions", (role) => summary(role.permissionNames ?? "")],
      ["", (role) => (role.partnerId === session.partnerId ? actions(role, names, list) : badge("built in"))],
    ], roles));
  place.append(
    el("p", {}, "A session has the roles of its user, those in its privilege ", el("code", {}, "setrole"), ", or the account's default for its type."),
    el("p", { class: "row" }, el("button", { type: "button", class: "primary", onclick: () => edit(undefined, names, list) }, "Add a role")),
    list.place);
  await list.show();
}

function summary(text) {
  const names = text.split(",").filter(Boolean);
  if (names.length <= 4) return el("span", { class: "row" }, names.map((name) => el("code", {}, name)));
  return el("details", {}, el("summary", {}, `${names.length} permissions`), el("ul", {}, names.map((name) => el("li", {}, el("code", {}, name)))));
}

function edit(role, names, list) {
  const name = input({ required: true, value: role?.name ?? "" });
  const systemName = input({ value: role?.systemName ?? "", disabled: role !== undefined });
  const description = input({ value: role?.description ?? "" });
  const chosen = new Set((role?.permissionNames ?? "").split(",").filter(Boolean));
  const boxes = [...new Set([...names, ...chosen])].sort().map((permission) => [permission, input({ type: "checkbox", checked: chosen.has(permission) })]);
  const group = el("fieldset", {}, el("legend", {}, "Permissions"), boxes.map(([permission, box]) => el("div", {}, el("label", { class: "check" }, box, el("code", {}, permission)))));
  dialog(role ? `Change ${role.name}` : "Add a role", [
    field("Name", name), field("System name", systemName, "What setrole names it by, beside its number."),
    field("Description", description), group,
  ], () => {
    const wanted = {
      objectType: "KalturaUserRole", name: name.value.trim(), description: description.value.trim(),
      permissionNames: boxes.filter(([, box]) => box.checked).map(([permission]) => permission).join(","),
    };
    if (!role && systemName.value.trim()) wanted.systemName = systemName.value.trim();
    return role ? call("userRole.update", { userRoleId: role.id, userRole: wanted }) : call("userRole.add", { userRole: wanted });
  }, { done: list.show });
}

const actions = (role, names, list) => el("span", { class: "row" },
  el("button", { type: "button", class: "small", "aria-label": `Change ${role.name}`, onclick: () => edit(role, names, list) }, "Change"),
  el("button", { type: "button", class: "small danger", "aria-label": `Delete ${role.name}`, onclick: () => confirm(`Delete ${role.name}?`, "Sessions and users that have it lose what it allows.", "Delete", () => call("userRole.delete", { userRoleId: role.id }), list.show) }, "Delete"));
