// Calls of the API with the session in the cookie, which no script can read. The server adds it.
import { ask } from "../call.js";

const HEADERS = { "X-KS-Console": "1" };

function own(method, path, params, seen) {
  const options = { method, credentials: "same-origin", headers: { ...HEADERS } };
  if (params !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(params);
  }
  return ask(path, options, seen);
}

/** Calls an action: `call("user.list", { filter })`. */
export const call = (name, params = {}) => own("POST", `/console/call/${name.replace(".", "/")}`, params);

/** Who is signed in, as `session.get` answers, or null; and whether this is a development server. */
export async function who() {
  let isDevelopment = false;
  const session = await own("GET", "/console/session", undefined, (headers) => {
    isDevelopment = headers.has("X-KS-Development");
  }).catch(() => null);
  return { session, isDevelopment };
}
export const signIn = (form) => own("POST", "/console/session", form);
export const signOut = () => own("DELETE", "/console/session");
/** Goes over to another account of the same person. */
export const enter = (partnerId) => own("POST", "/console/session/account", { partnerId });
/** The mails that a development server keeps. */
export const mails = () => own("GET", "/console/mails.json");
