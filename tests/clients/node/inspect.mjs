// Reads tokens with the module of the KS inspector: a list of { token, secrets, ip, uri, now } comes in, reports go out.
import fs from "node:fs";
import { pathToFileURL } from "node:url";

const { inspect } = await import(new URL("ks.js", pathToFileURL(`${process.env.KS_TEST_ASSETS}/`)));
const asked = JSON.parse(fs.readFileSync(0, "utf8"));
const reports = [];
for (const { token, ...options } of asked) reports.push(await inspect(token, options));
process.stdout.write(JSON.stringify(reports));
