// Reads a KS in the browser: both versions, with the account's secrets or without. Nothing is sent anywhere.
// The rules are those of the server (crate `ks-token`); the tests hold both to the same published vectors.

const SKIP = new Set([" ", "\t", "\r", "\n"]);
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Map([...ALPHABET].map((symbol, value) => [symbol, value]));
VALUES.set("-", 62);
VALUES.set("_", 63);

const COPY_AGAIN =
  "Copy the KS again, whole. If it came through a URL, it must be percent-encoded there: `+` turns into a space.";
const STRICT = "Only a holder of the secret can have made it: fix the program that makes these sessions.";

/** What can be wrong with a KS, in words, and what helps. */
export const FAULTS = {
  Base64: ["This is not base64: it has a foreign character, wrong padding, or is cut short.", COPY_AGAIN],
  Empty: ["There is nothing in this KS.", COPY_AGAIN],
  Separator: ["This is base64, but not of a KS: there is no `|` where one must be.", COPY_AGAIN],
  TooFewFields: ["Fields are missing: this version 1 KS is cut short.", COPY_AGAIN],
  HashText: ["It does not begin with 40 lowercase hexadecimal characters, as version 1 does, nor with `v2|`.", COPY_AGAIN],
  PartnerId: ["Its account number is not a plain whole number.", STRICT],
  BlockSize: ["Its encrypted part is not a whole number of blocks: it is cut short.", COPY_AGAIN],
  Signature: [
    "The secret did not make its signature.",
    "Check that it is an administrator secret of this very account (the user secret never verifies a KS), that it is the one in force when the KS was made, and that the KS was not altered.",
  ],
  EmptyBody: ["The signature is right, but nothing is signed.", STRICT],
  ControlByte: [
    "The signed text has a control character. In version 1 this is the trace of an attack that appends to a genuine KS.",
    "Find out where it comes from. Such a KS is never accepted.",
  ],
  Utf8: ["The signed text is not UTF-8.", STRICT],
  Expiry: ["Its expiry is not a whole number.", STRICT],
  SessionType: ["Its session type is not a whole number.", STRICT],
  Bracket: ["The name of a field has a bracket, which some readers take for a list.", STRICT],
  DuplicateField: ["One of its own fields (_e, _t, _u, _m, _d) is there twice.", STRICT],
  TooManyFields: ["It has more than 1000 fields.", STRICT],
};

class Fault extends Error {
  constructor(name) {
    super(name);
    this.fault = name;
  }
}

export const bytesOf = (text) => new TextEncoder().encode(text);
const textOf = (bytes) => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Fault("Utf8");
  }
};
const latin = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const same = (one, other) => one.length === other.length && one.every((byte, index) => byte === other[index]);
export const sha1 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-1", join(...parts)));
const indexOf = (bytes, symbol, from = 0) => bytes.indexOf(symbol.charCodeAt(0), from);

export function join(...parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function decode64(text) {
  const out = [];
  let bits = 0;
  let count = 0;
  let padding = 0;
  for (const symbol of text) {
    if (SKIP.has(symbol)) continue;
    if (symbol === "=") {
      padding += 1;
      continue;
    }
    const value = VALUES.get(symbol);
    if (value === undefined || padding > 0) throw new Fault("Base64");
    bits = ((bits << 6) | value) & 0xffffff;
    count += 1;
    if (count % 4 === 0) out.push((bits >> 16) & 255, (bits >> 8) & 255, bits & 255);
  }
  const rest = count % 4;
  if (rest === 1 || (padding > 0 && (rest === 0 || padding !== 4 - rest))) throw new Fault("Base64");
  if (rest === 2) out.push((bits >> 4) & 255);
  if (rest === 3) out.push((bits >> 10) & 255, (bits >> 2) & 255);
  return Uint8Array.from(out);
}

/** A whole number as tokens spell it: `0` or `-?[1-9][0-9]*`, within `bits` bits. */
function strictNumber(text, bits) {
  if (!/^(0|-?[1-9][0-9]*)$/.test(text) || text.length > 20) return undefined;
  const number = BigInt(text);
  return BigInt.asIntN(bits, number) === number ? Number(number) : undefined;
}

const readExpiry = (text) => {
  if (text === "") return undefined;
  const number = strictNumber(text, 64);
  if (number === undefined) throw new Fault("Expiry");
  return number;
};
const readType = (text) => {
  const number = strictNumber(text, 32);
  if (number === undefined) throw new Fault("SessionType");
  return number;
};
const partnerId = (bytes) => {
  const number = strictNumber(latin(bytes), 32);
  if (number === undefined) throw new Fault("PartnerId");
  return number;
};

/** What can be read without any secret: version and account, and in version 1 the rest too. */
export function open(token) {
  const decoded = decode64(token);
  if (decoded.length === 0 || (decoded.length === 1 && decoded[0] === 48)) throw new Fault("Empty");
  if (latin(decoded.subarray(0, 3)) === "v2|") {
    const end = indexOf(decoded, "|", 3);
    if (end < 0) throw new Fault("Separator");
    const partner = partnerId(decoded.subarray(3, end));
    const body = decoded.subarray(end + 1);
    if (body.length === 0 || body.length % 16 !== 0) throw new Fault("BlockSize");
    return { version: 2, partnerId: partner, body };
  }
  const end = indexOf(decoded, "|");
  if (end < 0) throw new Fault("Separator");
  const hash = latin(decoded.subarray(0, end));
  if (!/^[0-9a-f]{40}$/.test(hash)) throw new Fault("HashText");
  const info = decoded.subarray(end + 1);
  const first = indexOf(info, ";");
  if (first < 0 || indexOf(info, ";", first + 1) < 0) throw new Fault("TooFewFields");
  return { version: 1, partnerId: partnerId(info.subarray(0, first)), hash, body: info };
}

function readV1(info) {
  if (info.some((byte) => byte < 0x20 || byte === 0x7f)) throw new Fault("ControlByte");
  const fields = textOf(info).split(";");
  const items = fields[6] === undefined ? [] : fields[6].split(",").map((item) => pair(item, ":"));
  return {
    partnerPattern: fields[1],
    expiry: fields[2] === undefined ? undefined : readExpiry(fields[2]),
    type: fields[3] === undefined ? undefined : readType(fields[3]),
    rand: fields[4],
    userId: fields[5],
    privileges: items,
    privilegesText: fields[6] ?? "",
    masterPartnerId: fields[7],
    additionalData: fields[8],
  };
}

function pair(text, separator) {
  const at = text.indexOf(separator);
  return at < 0 ? { name: text, value: "" } : { name: text.slice(0, at), value: text.slice(at + 1) };
}

function unescapeQuery(bytes) {
  const out = [];
  for (let at = 0; at < bytes.length; at += 1) {
    const code = latin(bytes.subarray(at + 1, at + 3));
    if (bytes[at] === 0x2b) out.push(0x20);
    else if (bytes[at] === 0x25 && /^[0-9a-fA-F]{2}$/.test(code)) {
      out.push(parseInt(code, 16));
      at += 2;
    } else out.push(bytes[at]);
  }
  return Uint8Array.from(out);
}

function readV2(plain) {
  if (plain.length <= 36) throw new Fault("EmptyBody");
  const found = {};
  const names = { _e: "expiry", _t: "type", _u: "userId", _m: "masterPartnerId", _d: "additionalData" };
  const privileges = new Map();
  const fields = plain.subarray(36);
  let count = 0;
  for (let start = 0; start < fields.length; ) {
    let end = indexOf(fields, "&", start);
    if (end < 0) end = fields.length;
    const piece = fields.subarray(start, end);
    start = end + 1;
    if (piece.length === 0) continue;
    count += 1;
    if (count > 1000) throw new Fault("TooManyFields");
    const equals = indexOf(piece, "=");
    const rawName = unescapeQuery(equals < 0 ? piece : piece.subarray(0, equals));
    const rawValue = unescapeQuery(equals < 0 ? new Uint8Array() : piece.subarray(equals + 1));
    const name = latin(rawName);
    if (name in names) {
      if (names[name] in found) throw new Fault("DuplicateField");
      found[names[name]] =
        name === "_e" ? readExpiry(latin(rawValue)) : name === "_t" ? readType(latin(rawValue)) : textOf(rawValue);
      continue;
    }
    if (name === "") continue;
    if (/[[\]]/.test(name)) throw new Fault("Bracket");
    if (rawName.some((byte) => byte < 0x20 || byte === 0x7f)) throw new Fault("ControlByte");
    privileges.set(textOf(rawName), textOf(rawValue));
  }
  const items = [...privileges].map(([name, value]) => ({ name, value }));
  const text = items.map(({ name, value }) => (value === "" ? name : `${name}:${value}`)).join(",");
  return {
    ...found,
    rand: hex(plain.subarray(20, 36)),
    privileges: items,
    privilegesText: text === "all:*" ? "*" : text,
  };
}

async function decrypt(body, secret) {
  const key = (await sha1(bytesOf(secret))).subarray(0, 16);
  const aes = await crypto.subtle.importKey("raw", key, "AES-CBC", false, ["encrypt", "decrypt"]);
  // Web Crypto insists on its own padding, and a KS has none: a block is put behind it that decrypts to padding alone.
  const last = body.subarray(body.length - 16);
  const padding = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-CBC", iv: last }, aes, new Uint8Array()));
  const iv = new Uint8Array(16);
  const plain = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, aes, join(body, padding)));
  let length = plain.length;
  while (length > 0 && plain[length - 1] === 0) length -= 1;
  return plain.subarray(0, length);
}

async function verify(opened, secret) {
  if (opened.version === 1) {
    const computed = hex(await sha1(bytesOf(secret), opened.body));
    return computed === opened.hash ? { hash: opened.hash } : undefined;
  }
  const plain = await decrypt(opened.body, secret);
  if (plain.length < 20 || !same(await sha1(plain.subarray(20)), plain.subarray(0, 20))) return undefined;
  return { hash: hex(plain.subarray(0, 20)), plain };
}

function ipNumber(text) {
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (four) {
    const parts = four.slice(1);
    if (parts.some((part) => Number(part) > 255 || String(Number(part)) !== part)) return undefined;
    return { bits: 32, number: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
  }
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !text.includes(":")) return undefined;
  let tail = text;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted) {
    const low = ipNumber(dotted[2]);
    if (!low) return undefined;
    tail = `${dotted[1]}${(low.number >> 16n).toString(16)}:${(low.number & 0xffffn).toString(16)}`;
  }
  const halves = tail.split("::");
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - groups.reduce((sum, half) => sum + half.length, 0);
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = halves.length === 1 ? groups[0] : [...groups[0], ...Array(missing).fill("0"), ...groups[1]];
  if (all.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  const number = all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
  // A mapped address is the older one that it maps.
  return number >> 32n === 0xffffn ? { bits: 32, number: number & 0xffffffffn } : { bits: 128, number };
}

/** Whether an `iprestrict` value, split at its slashes, lets an address in; a number behind an address is a network. */
export function ipAllowed(parts, address) {
  const wanted = ipNumber(address);
  if (!wanted) return undefined;
  return parts.some((part, index) => {
    const allowed = ipNumber(part);
    if (!allowed || allowed.bits !== wanted.bits) return false;
    const next = parts[index + 1] ?? "";
    if (!/^\d+$/.test(next) || Number(next) > 255) return allowed.number === wanted.number;
    if (Number(next) > allowed.bits) return false;
    const shift = BigInt(allowed.bits - Number(next));
    return allowed.number >> shift === wanted.number >> shift;
  });
}

/** Whether a `urirestrict` value lets a request in. */
export const uriAllowed = (value, uri) =>
  value.split("|").some((pattern) =>
    pattern.endsWith("*") ? uri.startsWith(pattern.slice(0, -1)) : uri === pattern);

const partsOf = (ks, name) =>
  ks.privileges.filter((item) => item.name === name && item.value !== "").flatMap((item) => item.value.split("/"));

/** The check that refuses a KS whose signature is right: its name in the protocol, or nothing. */
export function refusal(ks, { now, ip, uri }) {
  if (ks.expiry === undefined || ks.expiry <= now) return "EXPIRED";
  const has = (name) => ks.privileges.some((item) => item.name === name);
  if (ip && has("iprestrict") && ipAllowed(partsOf(ks, "iprestrict"), ip) === false) return "EXCEEDED_RESTRICTED_IP";
  if (uri && has("urirestrict") && !uriAllowed(partsOf(ks, "urirestrict").join("/"), uri)) {
    return "EXCEEDED_RESTRICTED_URI";
  }
  return undefined;
}

/**
 * Everything that can be said of a KS.
 * `signature` is "right", "wrong" or "unchecked"; `fault` names what is wrong with its form; `refused` the check that
 * refuses it; `ks` has its fields where they can be read.
 */
export async function inspect(token, { secrets = [], now = Date.now() / 1000, ip, uri } = {}) {
  const report = { signature: "unchecked" };
  try {
    const opened = open(token);
    report.version = opened.version;
    report.partnerId = opened.partnerId;
    let found;
    for (const [index, secret] of secrets.entries()) {
      if (secret === "") continue;
      report.signature = "wrong";
      found = await verify(opened, secret);
      if (found) {
        report.signature = "right";
        report.secret = index;
        break;
      }
    }
    if (!found && opened.version === 2) {
      if (report.signature === "wrong") throw new Fault("Signature");
      return report;
    }
    report.ks = { ...(opened.version === 1 ? readV1(opened.body) : readV2(found.plain)), hash: found?.hash ?? opened.hash };
    report.refused = refusal(report.ks, { now, ip, uri });
    if (report.signature === "wrong") throw new Fault("Signature");
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    report.fault = error.fault;
  }
  return report;
}

/** Whether a text has the form of a KS, as far as that can be told without a secret. */
export function looksLikeKs(text) {
  if (typeof text !== "string" || text.length < 40) return false;
  try {
    open(text);
    return true;
  } catch {
    return false;
  }
}
