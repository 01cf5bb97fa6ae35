// Links into the consoles: `?service=session&action=start#userId=me&expiry=3600`. Values stand behind the `#`, so that no
// server sees them, and nothing secret is among them.
import { plainValues } from "./history.js";

/** The values behind the `#`. */
export function readValues(hash = location.hash) {
  const values = {};
  for (const [name, text] of new URLSearchParams(hash.slice(1))) {
    if (name.endsWith("__null")) values[name.slice(0, -"__null".length)] = null;
    else if (/^[[{]/.test(text) && !/^\{\d+:/.test(text)) {
      try {
        values[name] = JSON.parse(text);
      } catch {
        values[name] = text;
      }
    } else values[name] = text;
  }
  return values;
}

/** The values of a call, as they stand behind the `#`. */
export function fragment(call) {
  const hash = new URLSearchParams();
  for (const [name, value] of Object.entries(plainValues(call))) {
    if (value === null) hash.set(`${name}__null`, "");
    else hash.set(name, typeof value === "object" ? JSON.stringify(value) : String(value));
  }
  return hash.toString();
}

export function readLink() {
  const query = new URLSearchParams(location.search);
  return { service: query.get("service") ?? undefined, action: query.get("action") ?? undefined, values: readValues() };
}

export function writeLink(call, service) {
  const query = new URLSearchParams();
  if (call) {
    query.set("service", call.service);
    query.set("action", call.action);
  } else if (service) {
    query.set("service", service);
  }
  const search = query.toString();
  const hash = call ? fragment(call) : "";
  history.replaceState(null, "", `${location.pathname}${search && `?${search}`}${hash && `#${hash}`}`);
}
