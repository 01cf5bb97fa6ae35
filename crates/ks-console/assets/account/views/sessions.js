// Ending sessions.
import { el } from "../../dom.js";
import { instant } from "../../time.js";
import { call } from "../api.js";
import { attempt, failure, field, input, select } from "../ui.js";

function card(title, text, controls, button, act, said) {
  const result = el("div", { "aria-live": "polite" });
  const form = el("form", { class: "card", autocomplete: "off" }, el("h2", {}, title), el("p", {}, text), controls,
    el("p", { class: "row" }, el("button", { type: "submit", class: "danger" }, button)), result);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await act();
      result.replaceChildren(el("div", { class: "success" }, el("p", {}, said)));
      form.reset();
    } catch (error) {
      result.replaceChildren(failure(error));
    }
  });
  return form;
}

export async function draw(place) {
  const token = input({ type: "password", required: true });
  const user = input({ required: true });
  const group = input({ required: true });
  const secrets = ((await attempt(place, () => call("ks_secret.list")))?.objects ?? []).filter((one) => one.status === 0 || !one.primary);
  const secret = select(secrets.map((one) => [one.id, `${one.kind === 2 ? "Administrator" : "User"} secret ${one.id}, added ${instant(one.createdAt)}`]), "", { required: true });
  place.append(
    el("p", {}, "A KS is good until it expires, wherever it is: there is no list of sessions that could be shown. What was given out can be taken back."),
    el("div", { class: "grid2" },
      card("One session", "The KS itself ends, and nothing else.", field("KS", token), "End this session", () => call("ks_session.revoke", { session: token.value.trim() }), "It is refused from the next request on."),
      card("A user", "Every session that a login of this user started ends: sign out everywhere. Sessions that a secret started for the user's name are not among them.", field("User id", user), "Sign the user out", () => call("ks_session.revokeUser", { userId: user.value.trim() }), "They are refused from the next request on."),
      card("A session group", "Every session with this value of the privilege sessionid ends, and none can be started with it again.", field("Session id", group), "End the group", () => call("ks_session.revokeGroup", { sessionId: group.value.trim() }), "They are refused from the next request on."),
      secrets.length === 0
        ? el("section", { class: "card" }, el("h2", {}, "A secret"), el("p", {}, "Every session that a secret signed ends, and the secret with it. A primary secret cannot be revoked: make another one primary first, in the ", el("a", { href: "/console/settings/integration" }, "integration settings"), "."))
        : card("A secret", "Every session that it signed ends, and the secret is never accepted again.", field("Secret", secret), "Revoke the secret", () => call("ks_session.revokeSecret", { id: Number(secret.value) }), "It is refused from the next request on.")),
    el("p", {}, el("a", { href: "/console/ks#why" }, "Why was a request refused?")));
}
