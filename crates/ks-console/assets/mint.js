// Making a KS without a call, for clients that cannot do it themselves. Each is short enough to be read and copied whole.

const NODE = `const crypto = require("crypto");

/** A version 2 KS. The secret must never reach a browser. */
function generateSession(secret, userId, type, partnerId, expiry = 86400, privileges = "") {
  const fields = new Map();
  for (const item of privileges.split(",").map((it) => it.trim()).filter((it) => it !== "")) {
    const [name, ...value] = (item === "*" ? "all:*" : item).split(":");
    fields.set(name, value.join(":"));
  }
  fields.set("_e", Math.floor(Date.now() / 1000) + expiry).set("_t", type).set("_u", userId);
  const query = new URLSearchParams([...fields]).toString();
  const signed = Buffer.concat([crypto.randomBytes(16), Buffer.from(query)]);
  const plain = Buffer.concat([crypto.createHash("sha1").update(signed).digest(), signed]);
  const padding = Buffer.alloc((16 - (plain.length % 16)) % 16);
  const key = crypto.createHash("sha1").update(secret).digest().subarray(0, 16);
  const cipher = crypto.createCipheriv("aes-128-cbc", key, Buffer.alloc(16)).setAutoPadding(false);
  const sealed = Buffer.concat([cipher.update(Buffer.concat([plain, padding])), cipher.final()]);
  const text = Buffer.concat([Buffer.from(\`v2|\${partnerId}|\`), sealed]).toString("base64");
  return text.replace(/\\+/g, "-").replace(/\\//g, "_");
}
`;

const TYPESCRIPT = NODE.replace('const crypto = require("crypto");', 'import * as crypto from "crypto";')
  .replace(
    'function generateSession(secret, userId, type, partnerId, expiry = 86400, privileges = "") {',
    'export function generateSession(secret: string, userId: string, type: number, partnerId: number, expiry = 86400, privileges = ""): string {',
  )
  .replace("const fields = new Map();", "const fields = new Map<string, string>();")
  .replace(
    'fields.set("_e", Math.floor(Date.now() / 1000) + expiry).set("_t", type).set("_u", userId);',
    'fields.set("_e", `${Math.floor(Date.now() / 1000) + expiry}`).set("_t", `${type}`).set("_u", userId);',
  );

const GO = `// import: crypto/aes, crypto/cipher, crypto/rand, crypto/sha1, encoding/base64, fmt, net/url, strings, time

// GenerateSession makes a version 2 KS.
func GenerateSession(secret, user string, kind, partner int, expiry time.Duration, privileges string) string {
	fields := url.Values{}
	for _, item := range strings.Split(privileges, ",") {
		if item = strings.TrimSpace(item); item == "*" {
			item = "all:*"
		}
		if name, value, _ := strings.Cut(item, ":"); name != "" {
			fields.Set(name, value)
		}
	}
	query := fmt.Sprintf("%s&_e=%d&_t=%d&_u=%s", fields.Encode(), time.Now().Add(expiry).Unix(), kind, url.QueryEscape(user))
	signed := make([]byte, 16)
	rand.Read(signed)
	signed = append(signed, query...)
	hash, key := sha1.Sum(signed), sha1.Sum([]byte(secret))
	plain := append(hash[:], signed...)
	plain = append(plain, make([]byte, (16-len(plain)%16)%16)...)
	block, _ := aes.NewCipher(key[:16])
	cipher.NewCBCEncrypter(block, make([]byte, 16)).CryptBlocks(plain, plain)
	return base64.URLEncoding.EncodeToString(append([]byte(fmt.Sprintf("v2|%d|", partner)), plain...))
}
`;

const SHELL = `# A version 2 KS, with openssl. Privileges are pairs of a query: edit=0_abc&disableentitlement=
secret=YOUR_SECRET partner=102 user=me type=2 expiry=86400 privileges=disableentitlement=

fields="$privileges&_e=$(( $(date +%s) + expiry ))&_t=$type&_u=$user"
hex() { od -An -v -tx1 | tr -d ' \\n'; }
signed=$(mktemp) plain=$(mktemp)
{ openssl rand 16; printf %s "$fields"; } > "$signed"
{ openssl sha1 -binary < "$signed"; cat "$signed"; } > "$plain"
head -c $(( (16 - $(wc -c < "$plain") % 16) % 16 )) /dev/zero >> "$plain"
key=$(printf %s "$secret" | openssl sha1 -binary | hex | cut -c 1-32)
{
  printf 'v2|%s|' "$partner"
  openssl enc -aes-128-cbc -nopad -K "$key" -iv 00000000000000000000000000000000 < "$plain"
} | openssl base64 -A | tr '+/' '-_'
rm -f "$signed" "$plain"
`;

/** The languages whose clients cannot make a KS, by the ids of the examples. */
export const MINT = { node: NODE, typescript: TYPESCRIPT, go: GO, curl: SHELL };
