// Calls of the API with the session in the cookie, which no script can read. The server adds it.

/** What the API answered in place of a result. */
export class ApiError extends Error {
  constructor({ code, message, args }, requestId) {
    super(message);
    this.code = code;
    this.args = args ?? {};
    this.requestId = requestId;
  }
}

async function ask(method, path, params) {
  const options = { method, headers: { "X-KS-Console": "1" }, credentials: "same-origin", cache: "no-store" };
  if (params !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(params);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new ApiError({ code: "NO_ANSWER", message: "The server did not answer." });
  }
  const requestId = response.headers.get("X-Kaltura-Session") ?? undefined;
  if (!(response.headers.get("Content-Type") ?? "").startsWith("application/json")) {
    throw new ApiError({ code: `HTTP ${response.status}`, message: (await response.text()).trim() });
  }
  const answer = await response.json();
  if (answer?.objectType === "KalturaAPIException") throw new ApiError(answer, requestId);
  return answer;
}

/** Calls an action: `call("user.list", { filter })`. */
export const call = (name, params = {}) => ask("POST", `/console/call/${name.replace(".", "/")}`, params);

/** Who is signed in: the answer of `session.get`, or null. */
export const who = () => ask("GET", "/console/session");
export const signIn = (form) => ask("POST", "/console/session", form);
export const signOut = () => ask("DELETE", "/console/session");
/** Goes over to another account of the same person. */
export const enter = (partnerId) => ask("POST", "/console/session/account", { partnerId });

/** Calls that need no session, such as signing up. */
export async function open(name, params) {
  const [service, action] = name.split(".");
  const options = {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    credentials: "omit",
    body: JSON.stringify({ ...params, format: 1, clientTag: "ks-console" }),
  };
  const response = await fetch(`/api_v3/service/${service}/action/${action}`, options);
  const answer = await response.json();
  if (answer?.objectType === "KalturaAPIException") {
    throw new ApiError(answer, response.headers.get("X-Kaltura-Session"));
  }
  return answer;
}
