// What happens in the account.
import { el } from "../../dom.js";
import { call } from "../api.js";
import { attempt, field, select, table, time } from "../ui.js";

const MEASURES = [
  ["sessionsStarted", "Sessions started"],
  ["calls", "Calls by outcome"],
  ["failedLogins", "Failed logins"],
];

const dark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};

function plot(measure, title, step) {
  const figures = el("div", {});
  const image = el("img", {
    src: `/console/plot.svg?measure=${measure}&step=${step}&theme=${dark() ? "dark" : "light"}`,
    alt: `${title}, a bar for each ${step === "3600" ? "hour" : "day"}. The figures are below.`,
    width: 720, height: 230,
  });
  const details = el("details", {}, el("summary", {}, "Figures"), figures);
  details.addEventListener("toggle", () => attempt(figures, async () => {
    if (!details.open || figures.childElementCount > 0) return;
    const now = Math.floor(Date.now() / 1000) + 1;
    const from = now - Number(step) * (step === "3600" ? 47 : 29);
    const answer = await call("ks_stats.list", { measure, step: Number(step), from, until: now });
    figures.replaceChildren(table(title, [
      ["From", (point) => time(point.at)],
      ["What", (point) => point.key || "success"],
      ["Count", (point) => String(point.count)],
    ], answer.objects ?? [], "Nothing in this time."));
  }));
  return el("section", { class: "card" }, el("h2", {}, title),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, image), details);
}

export async function draw(place, session) {
  const plots = el("div", { class: "plots" });
  const step = select([["3600", "by hour, two days"], ["86400", "by day, a month"]], "3600");
  const redraw = () => plots.replaceChildren(...MEASURES.map(([measure, title]) => plot(measure, title, step.value)));
  step.addEventListener("change", redraw);
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  redraw();
  place.append(
    el("div", { class: "toolbar" }, field("Figures", step)),
    plots,
    el("h2", {}, "Next"),
    el("ul", { class: "cards" },
      el("li", { class: "card" }, el("h3", {}, el("a", { href: "/console/settings/integration" }, "Partner id and secrets")), el("p", {}, `What programs need to start sessions of account ${session.partnerId}.`)),
      el("li", { class: "card" }, el("h3", {}, el("a", { href: "/api_v3/testme/?service=session&action=start" }, "Start a session")), el("p", {}, "In the test console.")),
      el("li", { class: "card" }, el("h3", {}, el("a", { href: "/console/ks" }, "KS inspector")), el("p", {}, "What a KS says, and why one is refused."))));
}
