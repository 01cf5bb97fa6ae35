// A trial account of one's own.
import { el } from "../../dom.js";
import { open } from "../../call.js";
import { attempt, copyable, field, input } from "../ui.js";

export function draw(place) {
  const name = input({ required: true, autocomplete: "organization" });
  const person = input({ required: true, autocomplete: "name" });
  const email = input({ type: "email", required: true, autocomplete: "email" });
  const description = input({ required: true });
  const password = input({ type: "password", required: true, autocomplete: "new-password" });
  const form = el("form", { class: "card sign-in", "aria-label": "Open an account" },
    el("p", {}, "The account is yours alone, with secrets of its own."),
    field("Name of the account", name), field("Your name", person), field("E-mail", email, "You sign in with it."),
    field("What it is for", description), field("Password", password),
    el("p", { class: "row" }, el("button", { class: "primary", type: "submit" }, "Open the account"), el("a", { href: "/console" }, "I have one")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const partner = {
      objectType: "KalturaPartner", name: name.value.trim(), adminName: person.value.trim(),
      adminEmail: email.value.trim(), description: description.value.trim(),
    };
    const account = await attempt(form, () => open("partner.register", { partner, cmsPassword: password.value }));
    password.value = "";
    if (!account) return;
    place.replaceChildren(el("div", { class: "success" }, el("p", {}, el("strong", {}, "The account is open.")),
      el("p", {}, "Partner ID: ", copyable(account.id, "partner ID")),
      el("p", {}, el("a", { class: "button primary", href: "/console" }, "Sign in"))));
  });
  place.replaceChildren(form);
}
