// Prints the code that the test console shows for a call: its own modules write it, from the server's own descriptions.
// usage: node example.mjs LANGUAGE SERVICE.ACTION '{"parameter": value}' [KS]
import { pathToFileURL } from "node:url";

const assets = pathToFileURL(`${process.env.KS_TEST_ASSETS}/`);
const { example, LANGUAGES } = await import(new URL("examples.js", assets));
const { MINT } = await import(new URL("mint.js", assets));
const url = process.env.KS_TEST_URL;
const [language, name, values, ks] = process.argv.slice(2);

if (language === "--languages") {
  console.log(LANGUAGES.map((it) => it.name).join("\n"));
  process.exit(0);
}
if (language === "--mint") {
  process.stdout.write(MINT[name]);
  process.exit(0);
}

const load = async (what) => (await fetch(`${url}/api_v3/testme/json/${what}.json`)).json();

async function nodeOf(spec, value, enums) {
  if (value === null) return { kind: "null" };
  if (spec.type === "object") {
    const { objectType, ...rest } = value;
    const info = await load(`class/${objectType ?? spec.of}`);
    const fields = [];
    for (const [key, it] of Object.entries(rest)) {
      const property = info.properties.find((known) => known.name === key);
      fields.push({ name: key, sensitive: property.sensitive, node: await nodeOf(property, it, info.enums) });
    }
    return { kind: "object", of: info.name, fields };
  }
  if (spec.type === "enum") {
    const info = enums[spec.of];
    const member = info.values.find(([, known]) => String(known) === String(value))?.[0];
    return { kind: "enum", of: spec.of, int: info.int, value: String(value), member };
  }
  return { kind: spec.type, value: String(value) };
}

const info = await load(`action/${name}`);
const sent = JSON.parse(values);
const params = [];
for (const spec of info.params) {
  params.push({ ...spec, node: Object.hasOwn(sent, spec.name) ? await nodeOf(spec, sent[spec.name], info.enums) : undefined });
}
const call = { service: info.service, action: info.action, name: info.name, plugin: info.plugin, needs: info.ks, ks, params };
process.stdout.write(example(language, { call, url, reveal: true, partner: process.env.KS_TEST_PARTNER }));
