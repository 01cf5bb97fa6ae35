// Makes a KS in the browser, as clients with the secret do: version 2, with Web Crypto. The server accepts it like its own.
import { bytesOf, hex, join, sha1 } from "./ks.js";

const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

/** The fields of a KS in their order: privileges by name, then expiry, type and user. */
function fieldsOf({ userId, type, expiry, privileges }, now) {
  const fields = new Map();
  for (const item of privileges.split(",").map((it) => it.trim()).filter((it) => it !== "")) {
    const [name, ...value] = (item === "*" ? "all:*" : item).split(":");
    fields.set(name, value.join(":"));
  }
  fields.set("_e", Math.floor(now) + expiry).set("_t", type).set("_u", userId);
  return new URLSearchParams([...fields]).toString();
}

/** A KS for `{ secret, partnerId, userId, type, expiry, privileges }`; `expiry` is in seconds from now. */
export async function seal({ secret, partnerId, userId = "", type = 0, expiry = 86400, privileges = "" }, now = Date.now() / 1000) {
  const random = crypto.getRandomValues(new Uint8Array(16));
  const signed = join(random, bytesOf(fieldsOf({ userId, type, expiry, privileges }, now)));
  const plain = join(await sha1(signed), signed);
  const whole = new Uint8Array(Math.ceil(plain.length / 16) * 16);
  whole.set(plain);
  const key = (await sha1(bytesOf(secret))).subarray(0, 16);
  const aes = await crypto.subtle.importKey("raw", key, "AES-CBC", false, ["encrypt"]);
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-CBC", iv: new Uint8Array(16) }, aes, whole));
  // Web Crypto adds a block of padding of its own, which a KS has not.
  const text = base64(join(bytesOf(`v2|${partnerId}|`), sealed.subarray(0, whole.length)));
  return text.replaceAll("+", "-").replaceAll("/", "_");
}

const HASHES = { SHA1: "SHA-1", SHA256: "SHA-256", SHA512: "SHA-512" };

/** The proof that a program has the key of an app token: a hash over its present session and the key. */
export async function proof({ ks, token, hashType }) {
  const name = HASHES[hashType];
  if (!name) throw new Error(`Browsers do not hash with ${hashType}.`);
  return hex(new Uint8Array(await crypto.subtle.digest(name, bytesOf(ks + token))));
}

/** Why nothing can be made on this page, if so. */
export const NO_CRYPTO = globalThis.crypto?.subtle ? undefined
  : "This browser offers Web Crypto only over HTTPS and on localhost, so nothing can be made on this page as it was opened.";
