// The KS inspector: the form, and its report in words.
import { open } from "./call.js";
import { el, prose } from "./dom.js";
import { FAULTS, inspect, ipAllowed } from "./ks.js";
import { distance, instant } from "./time.js";

const form = document.getElementById("inspect");
const report = document.getElementById("report");
const token = document.getElementById("token");
const secret = document.getElementById("secret");
const ip = document.getElementById("ip");
const uri = document.getElementById("uri");
const known = JSON.parse(report.dataset.privileges);
const empty = () => el("p", { class: "muted" }, "What the KS says appears here.");

const REFUSALS = {
  EXPIRED: (ks) => [
    ks.expiry === undefined ? "It has no expiry, which counts as expired." : `It expired ${distance(ks.expiry)}.`,
    "Start a new session, and ask for a longer expiry if this comes too often.",
  ],
  EXCEEDED_RESTRICTED_IP: () => [
    "It may not be used from the given address: iprestrict names others.",
    "Use it from there, or start a session whose iprestrict has the address (a proxy in between shows its own).",
  ],
  EXCEEDED_RESTRICTED_URI: () => [
    "It may not be used for this request: urirestrict names others.",
    "Start a session whose urirestrict fits the request; a `*` at the end stands for any ending.",
  ],
};

const TYPES = { 0: "USER", 2: "ADMIN" };

function kind(ks) {
  if ((ks.type ?? 0) >= 1) return "administrator's session";
  const anonymous = ["", "0", undefined].includes(ks.userId);
  if ((ks.type ?? 0) === 0 && anonymous && ks.privilegesText.includes("widget:1")) return "widget's session";
  return anonymous ? "anonymous user's session" : "user's session";
}

function verdict(found) {
  const box = (kind, title, why, advice) =>
    el("div", { class: kind }, el("p", { class: "verdict" }, el("strong", {}, title)), why && el("p", {}, prose(why)),
      advice && el("p", {}, el("strong", {}, "What helps: "), prose(advice)));
  if (found.fault) {
    const [why, advice] = FAULTS[found.fault];
    return box("error", "Not valid", why, advice);
  }
  if (found.refused) return box("error", "Not valid", ...REFUSALS[found.refused](found.ks));
  if (found.signature === "right") {
    return box("success", "Valid", "The secret made it, and its time is not over. The server may still refuse it: when it was ended, its calls are used up, or the secret, the user or the account is disabled.");
  }
  return found.version === 2
    ? box("note", "Not checked", "A version 2 KS is encrypted: without the secret only its account can be read.",
      "Paste the account's administrator secret.")
    : box("warning", "Not checked", "Nobody checked the signature: without the secret, anybody could have written this.",
      "Paste the account's administrator secret.");
}

function facts(found) {
  const list = el("dl", { class: "facts" });
  const add = (name, ...value) => {
    if (value[0] === undefined) return;
    list.append(el("dt", {}, name), el("dd", {}, ...value));
  };
  const { ks } = found;
  add("Version", String(found.version));
  add("Partner id", String(found.partnerId));
  if (ks) {
    add("User id", ks.userId === undefined || ks.userId === "" ? el("span", { class: "muted" }, "none: anonymous") : ks.userId);
    const type = ks.type ?? 0;
    add("Type", `${TYPES[type] ?? "unknown"} (${type}): ${kind(ks)}`);
    add("Expiry", ks.expiry === undefined ? "none" : `${instant(ks.expiry)}, ${distance(ks.expiry)}`);
    add("Master partner id", ks.masterPartnerId || undefined);
    add("Additional data", ks.additionalData || undefined);
    add("Random", ks.rand && el("code", {}, ks.rand));
    add("Hash", el("code", {}, ks.hash));
  }
  const signature = { right: "right", wrong: "not by this secret", unchecked: "not checked: no secret was given" };
  add("Signature", signature[found.signature]);
  return list;
}

function privileges(ks) {
  const items = ks.privileges.filter((item) => item.name !== "");
  if (items.length === 0) return [el("h3", {}, "Privileges"), el("p", { class: "muted" }, "None.")];
  const rows = items.map(({ name, value }) => {
    let note = known[name] ?? "Has no meaning to the server; it is carried along.";
    if (name === "iprestrict" && ip.value.trim()) {
      const allowed = ipAllowed(value.split("/"), ip.value.trim());
      if (allowed !== undefined) note += allowed ? " The given address may." : " The given address may not.";
    }
    return el("tr", {}, el("th", { scope: "row" }, el("code", {}, value === "" ? name : `${name}:${value}`)), el("td", {}, prose(note)));
  });
  const head = el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Privilege"), el("th", { scope: "col" }, "What it does")));
  return [el("h3", {}, "Privileges"), el("div", { class: "scroll" }, el("table", {}, head, el("tbody", {}, rows)))];
}

function warnings(ks) {
  const list = [];
  if ((ks.type ?? 0) >= 1) {
    list.push(el("div", { class: "warning" }, el("p", {}, "This is an ADMIN session: it holds super-admin rights and must never reach an end user.")));
  }
  return list;
}

async function run() {
  const text = token.value.trim();
  if (text === "") {
    report.replaceChildren(empty());
    return;
  }
  if (!globalThis.crypto?.subtle) {
    report.replaceChildren(el("div", { class: "error" }, el("p", {}, "This browser offers Web Crypto only over HTTPS and on localhost, so nothing can be decrypted or checked on this page as it was opened. Open it over HTTPS, or run “ks inspect” on your machine.")));
    return;
  }
  const secrets = secret.value === "" ? [] : [secret.value];
  const found = await inspect(text, { secrets, ip: ip.value.trim() || undefined, uri: uri.value.trim() || undefined });
  report.replaceChildren(verdict(found), ...(found.ks ? warnings(found.ks) : []),
    found.version ? facts(found) : "", ...(found.ks ? privileges(found.ks) : []),
    el("p", {}, el("a", { href: "/console/what-is-a-ks" }, "What a KS is")));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
form.addEventListener("reset", () => report.replaceChildren(empty()));
token.addEventListener("input", run);
secret.addEventListener("input", run);
ip.addEventListener("input", run);
uri.addEventListener("input", run);

const reveal = document.getElementById("reveal");
reveal.addEventListener("click", () => {
  const shown = secret.type === "password";
  secret.type = shown ? "text" : "password";
  reveal.textContent = shown ? "Hide" : "Show";
  reveal.setAttribute("aria-pressed", String(shown));
});

// Why a request was refused; consoles link here with the request's id.
const linked = new URLSearchParams(location.hash.slice(1)).get("why");
if (linked) {
  document.getElementById("request-id").value = linked;
  document.getElementById("why").scrollIntoView();
}
const ask = document.getElementById("ask");
const answer = document.getElementById("answer");
ask.addEventListener("submit", async (event) => {
  event.preventDefault();
  const requestId = document.getElementById("request-id").value.trim();
  const ks = document.getElementById("admin-ks").value.trim();
  let found;
  try {
    found = await open("ks_session.why", { requestId, ks });
  } catch (error) {
    answer.replaceChildren(el("div", { class: "error" }, el("p", {}, el("strong", {}, error.code), `: ${error.message}`)));
    return;
  }
  const list = el("dl", { class: "facts" });
  const add = (name, value) => value && list.append(el("dt", {}, name), el("dd", {}, value));
  add("Explanation", found.explanation);
  add("Check", found.check);
  add("Answered", found.code);
  add("Call", found.service && `${found.service}.${found.action}`);
  add("When", found.at && `${instant(found.at)}, ${distance(found.at)}`);
  add("User id", found.userId);
  add("Session", found.sessionHash && el("code", {}, found.sessionHash));
  answer.replaceChildren(list);
});
