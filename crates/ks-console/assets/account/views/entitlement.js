// Entitlement: whether sessions see only what their user is entitled to.
import { el } from "../../dom.js";
import { call } from "../api.js";
import { attempt, badge, confirm, dialog, field, input, paged, table } from "../ui.js";

/** The switch: what it is, and a button that changes it. */
async function enforcement(section) {
  const settings = await call("ks_account.get");
  const on = settings.defaultEntitlementEnforcement === true;
  const change = () => confirm(
    on ? "Stop enforcing entitlement?" : "Enforce entitlement?",
    on ? "Sessions see everything in the account, unless they are started with the privilege enableentitlement."
      : "Sessions see only what their user is entitled to, administrators' too, unless they are started with the privilege disableentitlement. Programs that list everything may get less from now on.",
    on ? "Stop enforcing" : "Enforce",
    () => call("ks_account.update", { settings: { objectType: "KalturaKsAccountSettings", defaultEntitlementEnforcement: !on } }),
    () => enforcement(section));
  section.replaceChildren(
    el("h2", {}, "Enforcement"),
    el("p", { class: "row" }, badge(on ? "Entitlement enforcement enabled" : "Entitlement enforcement disabled", on ? "accent" : ""),
      el("button", { type: "button", class: "small", onclick: change }, on ? "Switch it off" : "Switch it on")),
    el("p", {}, on
      ? ["Sessions see only what their user is entitled to, administrators' too. To see everything, start a session with the privileges ", el("code", {}, "all:*,disableentitlement"), "."]
      : ["Sessions see everything, unless they are started with the privilege ", el("code", {}, "enableentitlement"), "."]));
}

export async function draw(place) {
  const card = el("section", { class: "card" });
  place.append(card);
  await attempt(card, () => enforcement(card));

  const section = el("section", {},
    el("h2", {}, "Privacy contexts"),
    el("p", {}, "A category with a privacy context label, and all below it, is seen only by sessions with the same label in their privileges: ", el("code", {}, "privacycontext:LABEL"), "."));
  const list = paged(
    (pager) => call("category.list", { filter: { orderBy: "+fullName", parentIdEqual: 0 }, pager }),
    (objects) => table("Root categories", [
      ["Category", (category) => category.name],
      ["Privacy context label", (category) => category.privacyContext || el("span", { class: "muted" }, "none")],
      ["Members", (category) => String(category.membersCount ?? 0)],
      ["", (category) => el("button", { type: "button", class: "small", "aria-label": `Change the label of ${category.name}`, onclick: () => change(category, list) }, "Change")],
    ], objects, "There are no categories."));
  section.append(list.place);
  place.append(section);
  await attempt(section, list.show);
}

function change(category, list) {
  const label = input({ value: category.privacyContext ?? "", pattern: "[A-Za-z0-9,]*" });
  dialog(`Label of ${category.name}`, [
    field("Privacy context label", label, "Letters and digits, four at least; several are joined by commas."),
  ], () => call("category.update", { id: category.id, category: { objectType: "KalturaCategory", privacyContext: label.value.trim() } }), { done: list.show });
}
