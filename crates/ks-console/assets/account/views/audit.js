// Who signed in, and who changed what.
import { el } from "../../dom.js";
import { call } from "../api.js";
import { field, input, paged, select, table, time } from "../ui.js";

const LOGINS = "user.login,user.loginByLoginId,user.loginByKs,adminUser.login,appToken.startSession";

export async function draw(place) {
  const what = select([["", "everything"], [LOGINS, "sign-ins"]], "");
  const user = input();
  const object = input({ placeholder: "user, appToken, …" });
  const filter = () => {
    const wanted = { orderBy: "-id" };
    if (what.value) wanted.actionIn = what.value;
    if (user.value.trim()) wanted.userIdEqual = user.value.trim();
    if (object.value.trim()) wanted.relatedObjectTypeEqual = object.value.trim();
    return wanted;
  };
  const list = paged(
    (pager) => call("ks_audit.list", { filter: filter(), pager }),
    (entries) => table("Audit trail", [
      ["When", (entry) => time(entry.createdAt)],
      ["Who", (entry) => entry.userId || el("span", { class: "muted" }, entry.sessionHash ? "a session without a user" : "the server or its operator")],
      ["What", (entry) => (entry.action ? el("code", {}, entry.action) : "")],
      ["Of", (entry) => `${entry.relatedObjectType ?? ""} ${entry.relatedObjectId ?? ""}`.trim()],
      ["From", (entry) => entry.address ?? ""],
      ["Request id", (entry) => (entry.requestId ? el("code", {}, entry.requestId) : "")],
    ], entries, "Nothing."));
  const search = el("form", { class: "toolbar", role: "search" }, field("Show", what), field("User id", user), field("Object", object), el("button", { type: "submit" }, "Search"));
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    list.restart();
  });
  place.append(search, list.place);
  await list.show();
}
