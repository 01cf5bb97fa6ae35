// What was sent, kept in this browser. Secrets, passwords and sessions never get here: what is declared as such is taken
// out of the call, and so is every text that has the form of a KS.
import { looksLikeKs } from "./ks.js";
import { toPlain, withoutSecrets } from "./wire.js";

const KEY = "ks.testme.history";
const LENGTH = 50;

export function readHistory() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

function withoutTokens(value) {
  if (typeof value === "string") return looksLikeKs(value) ? undefined : value;
  if (Array.isArray(value)) return value.map(withoutTokens).filter((item) => item !== undefined);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, it]) => [key, withoutTokens(it)]);
  return Object.fromEntries(entries.filter(([, it]) => it !== undefined));
}

/** The values of a call that may be kept and shown in links. */
export function plainValues(call) {
  const values = Object.fromEntries(withoutSecrets(call).params.map((param) => [param.name, toPlain(param.node)]));
  return withoutTokens(values);
}

export function remember(list, format) {
  const calls = list.map((call) => ({ service: call.service, action: call.action, values: plainValues(call) }));
  const title = list.multi ? `Multi-request (${calls.length})` : `${calls[0].service}.${calls[0].action}`;
  const entry = { title, format, multi: Boolean(list.multi), calls };
  const kept = readHistory();
  if (JSON.stringify(kept[0]) === JSON.stringify(entry)) return;
  try {
    localStorage.setItem(KEY, JSON.stringify([entry, ...kept].slice(0, LENGTH)));
  } catch {
    // Storage is full or switched off: this page goes on without a history.
  }
}

export function clearHistory() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // There was none.
  }
}
