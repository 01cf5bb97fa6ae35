// Calls of the API and what they answer, for every page that makes any of its own.

/** What the API answered in place of a result. */
export class ApiError extends Error {
  constructor({ code, message, args }, requestId) {
    super(message);
    this.code = code;
    this.args = args ?? {};
    this.requestId = requestId;
  }
}

/** Sends a request; its result, or an `ApiError` where there is none. `seen` gets the headers of any answer. */
export async function ask(path, options, seen = () => {}) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", referrerPolicy: "no-referrer", ...options });
  } catch {
    throw new ApiError({ code: "NO_ANSWER", message: "The server did not answer." });
  }
  seen(response.headers);
  const requestId = response.headers.get("X-Kaltura-Session") ?? undefined;
  if (!(response.headers.get("Content-Type") ?? "").startsWith("application/json")) {
    throw new ApiError({ code: `HTTP ${response.status}`, message: (await response.text()).trim() });
  }
  const answer = await response.json();
  if (answer?.objectType === "KalturaAPIException") throw new ApiError(answer, requestId);
  return answer;
}

/** Calls an action with what is in `params` and nothing else: `open("session.get", { ks })`. */
export function open(name, params, clientTag = "ks-console") {
  const [service, action] = name.split(".");
  return ask(`/api_v3/service/${service.toLowerCase()}/action/${action}`, {
    method: "POST",
    credentials: "omit",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...params, format: 1, clientTag }),
  });
}
