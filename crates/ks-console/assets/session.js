// The session that the console uses, as a chip: account, user, type, time left, privileges. What it says is known from
// the call that started it, or asked from the server; the KS itself stays in its field.
import { open } from "./call.js";
import { el } from "./dom.js";
import { open as read } from "./ks.js";
import { span } from "./time.js";

const TYPES = { 0: "USER", 2: "ADMIN" };

/** What an action answers, where it answers anything. */
const call = (name, params) => open(name, params, "testme").catch(() => undefined);

export function chip(element, { ks, drop }) {
  let facts = {};
  let ticking;

  const fromToken = (token) => {
    try {
      return { partnerId: read(token).partnerId };
    } catch {
      return {};
    }
  };

  const show = () => {
    clearInterval(ticking);
    element.hidden = ks() === "";
    if (element.hidden) return;
    const left = el("span", {});
    const tick = () => {
      if (facts.expiry === undefined) left.textContent = "";
      else {
        const seconds = facts.expiry - Date.now() / 1000;
        left.textContent = seconds > 0 ? `${span(seconds)} left` : "expired";
      }
    };
    tick();
    ticking = setInterval(tick, 1000);
    const type = facts.type === undefined ? undefined : TYPES[facts.type] ?? String(facts.type);
    const stop = el("button", { type: "button", class: "small quiet" }, "Stop using it");
    stop.addEventListener("click", () => {
      facts = {};
      drop();
      show();
    });
    const privileges = (facts.privileges ?? "").split(",").filter((item) => item !== "");
    element.replaceChildren(
      el("p", {}, el("strong", {}, "Session"), facts.partnerId === undefined ? "" : ` · partner ${facts.partnerId}`,
        facts.userId ? ` · user ${facts.userId}` : "", type ? " · " : "",
        facts.partnerId === undefined && facts.type === undefined ? " · the server does not know it" : "",
        type && el("span", { class: `badge ${type === "ADMIN" ? "warn" : "accent"}` }, type)),
      el("div", { class: "tags" }, privileges.map((item) => el("span", { class: "badge" }, item))),
      el("p", { class: "row" }, left, stop));
  };

  /** What `session.get` says; sessions that may not ask are known by their account alone. */
  const ask = async (token) => {
    const info = await call("session.get", { ks: token });
    facts = info
      ? { partnerId: info.partnerId, userId: info.userId, type: info.sessionType, expiry: info.expiry, privileges: info.privileges }
      : fromToken(token);
    show();
  };

  return {
    /** Uses a session that a call just answered. */
    use(token, by) {
      const value = (name) => by.params.find((param) => param.name === name)?.node?.value;
      if (by.service === "session" && by.action === "start") {
        facts = {
          partnerId: value("partnerId") ?? fromToken(token).partnerId,
          userId: value("userId"),
          type: Number(value("type") ?? 0),
          expiry: Math.floor(Date.now() / 1000) + Number(value("expiry") ?? 86400),
          privileges: value("privileges"),
        };
        show();
        // The server may have shortened it.
        if (facts.type === 2) ask(token);
      } else ask(token);
    },
    /** Somebody pasted a session. */
    typed() {
      facts = {};
      if (ks() === "") show();
      else ask(ks());
    },
    facts: () => facts,
    /** Whether the session is known to see everything. */
    sees: () => /(^|,)disableentitlement(,|$)/.test(facts.privileges ?? ""),
    /** Whether the account enforces entitlement, where the session may know. */
    async enforced(token) {
      if (!token) return undefined;
      const info = await call("partner.getInfo", { ks: token });
      return info === undefined ? undefined : Boolean(info.defaultEntitlementEnforcement);
    },
  };
}
