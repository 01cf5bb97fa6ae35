// A line of curl, back into a call: what is pasted fills the form.
const ESCAPES = { n: "\n", t: "\t", r: "\r", "\\": "\\", "'": "'", '"': '"' };

/** A command line as its words, by the rules of a shell: quotes, backslashes, continued lines. */
export function words(line) {
  const found = [];
  let word;
  let at = 0;
  const add = (text) => (word = (word ?? "") + text);
  while (at < line.length) {
    const symbol = line[at];
    if (symbol === "\\") {
      if (line[at + 1] === "\r" && line[at + 2] === "\n") at += 1;
      if (line[at + 1] !== "\n") add(line[at + 1] ?? "");
      at += 2;
    } else if (symbol === "$" && line[at + 1] === "'") {
      const piece = /^\$'((?:[^'\\]|\\.)*)'/.exec(line.slice(at));
      if (!piece) throw new Error("A quote is opened and not closed.");
      add(piece[1].replace(/\\(u[0-9a-fA-F]{4}|.)/gs, (_, it) => (it.length > 1 ? String.fromCharCode(parseInt(it.slice(1), 16)) : ESCAPES[it] ?? it)));
      at += piece[0].length;
    } else if (symbol === "'" || symbol === '"') {
      const piece = (symbol === "'" ? /^'([^']*)'/ : /^"((?:[^"\\]|\\[^])*)"/).exec(line.slice(at));
      if (!piece) throw new Error("A quote is opened and not closed.");
      add(symbol === "'" ? piece[1] : piece[1].replace(/\\(["\\$`])/g, "$1").replace(/\\\n/g, ""));
      at += piece[0].length;
    } else if (/\s/.test(symbol)) {
      if (word !== undefined) found.push(word);
      word = undefined;
      at += 1;
    } else {
      add(symbol);
      at += 1;
    }
  }
  if (word !== undefined) found.push(word);
  return found;
}

const DATA = ["-d", "--data", "--data-ascii", "--data-raw", "--data-binary"];
const FORM = ["-F", "--form", "--form-string"];
/** Options with a value that says nothing about the call. */
const SKIPPED = ["-H", "--header", "-X", "--request", "-o", "--output", "-A", "--user-agent", "-e", "--referer", "-b", "--cookie",
  "-m", "--max-time", "--connect-timeout", "-u", "--user", "-w", "--write-out", "--retry", "-x", "--proxy", "--cacert"];

/** The address and the parts of the body. */
function parts(line) {
  const [program, ...rest] = words(line.trim().replace(/^\$\s+/, ""));
  if (!/(^|\/)curl(\.exe)?$/.test(program ?? "")) throw new Error("This is no line of curl: it does not begin with “curl”.");
  const found = { address: undefined, pairs: [], json: undefined };
  const data = (text) => {
    if (/^\s*\{/.test(text)) found.json = text;
    else found.pairs.push(...new URLSearchParams(text));
  };
  for (let at = 0; at < rest.length; at += 1) {
    let [name, value] = [rest[at], undefined];
    if (/^--[\w-]+=/.test(name)) [name, value] = [name.slice(0, name.indexOf("=")), name.slice(name.indexOf("=") + 1)];
    else if (/^-[dFXHomuAebwx]./.test(name)) [name, value] = [name.slice(0, 2), name.slice(2)];
    const take = () => value ?? rest[(at += 1)] ?? "";
    if (DATA.includes(name)) data(take());
    else if (name === "--json") found.json = take();
    else if (name === "--data-urlencode") {
      const [key, ...text] = take().split("=");
      found.pairs.push([key, text.join("=")]);
    } else if (FORM.includes(name)) {
      const [key, ...text] = take().split("=");
      if (!text.join("=").startsWith("@")) found.pairs.push([key, text.join("=")]);
    } else if (name === "--url") found.address = take();
    else if (SKIPPED.includes(name)) take();
    else if (!name.startsWith("-")) found.address ??= name;
  }
  return found;
}

/** Pairs with colons in their names as nested values: `filter:idEqual=7`. */
function nest(pairs) {
  const root = {};
  for (const [name, text] of pairs) {
    const isNull = name.endsWith("__null");
    const path = (isNull ? name.slice(0, -"__null".length) : name).split(":");
    if (path.some((key) => key === "__proto__")) continue;
    let place = root;
    for (const key of path.slice(0, -1)) {
      if (typeof place[key] !== "object" || place[key] === null) place[key] = {};
      place = place[key];
    }
    place[path.at(-1)] = isNull ? null : text;
  }
  return root;
}

const GLOBAL = ["format", "ks", "partnerId", "clientTag", "apiVersion", "language", "kalsig", "ignoreNull"];

/** The global parameters apart from those of the call. The session and what surrounds it may be the call's own. */
function split(all) {
  const { service, action, ...rest } = all;
  const values = {};
  const globals = {};
  for (const [name, value] of Object.entries(rest)) {
    if (GLOBAL.includes(name)) globals[name] = value;
    if (!GLOBAL.includes(name) || name === "partnerId") values[name] = value;
  }
  return { service, action, values, globals };
}

/** The call that a line of curl makes: `{ service, action, values, globals }`, and `calls` where it makes several. */
export function parseCurl(line) {
  const { address, pairs, json } = parts(line);
  if (!address) throw new Error("There is no address in it.");
  const url = new URL(/^\w+:\/\//.test(address) ? address : `http://${address}`);
  const path = url.pathname.split("/").map(decodeURIComponent);
  const after = (name) => (path.includes(name) ? path[path.indexOf(name) + 1] : undefined);
  let body = {};
  if (json !== undefined) {
    try {
      body = JSON.parse(json);
    } catch {
      throw new Error("The body looks like JSON and is none.");
    }
  }
  const inPath = {};
  const tail = path.slice(path.indexOf("action") + 2);
  if (path.includes("action")) for (let at = 0; at + 1 < tail.length; at += 2) inPath[tail[at]] = tail[at + 1];
  const all = { ...nest([...Object.entries(inPath), ...url.searchParams, ...pairs]), ...body };
  all.service = after("service") ?? all.service;
  all.action = after("action") ?? all.action;
  const call = split(all);
  if (call.service === "multirequest") {
    const numbers = Object.keys(call.values).filter((name) => /^\d+$/.test(name)).sort((one, other) => one - other);
    call.calls = numbers.map((name) => {
      const { service, action, ...values } = call.values[name];
      return { service, action, values };
    });
    if (call.calls.length === 0) throw new Error("It is a multirequest without requests.");
    return call;
  }
  if (!call.service || !call.action) throw new Error("It names no service and action: an address like /api_v3/service/session/action/start does.");
  return call;
}
