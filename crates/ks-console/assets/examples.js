// Code for a call, in every language that people use: one model in, text out. The tests take these very functions and
// run what they write with the published clients.
import { formPairs, jsonBody, pathOf } from "./wire.js";

const upperSnake = (name) => name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
const snake = (name) => upperSnake(name).toLowerCase();
const camelOfConstant = (name) => name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const pascal = (name) => name.charAt(0).toUpperCase() + name.slice(1);
const bare = (name) => name.replace(/^Kaltura/, "");
const isWhole = (text) => /^-?\d+$/.test(text);
const isFraction = (text) => /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text);

const double = (text) => JSON.stringify(text).replace(/[\u007f-\uffff]/g, (symbol) => `\\u${symbol.charCodeAt(0).toString(16).padStart(4, "0")}`);
const single = (text) => `'${text.replace(/\\/g, "\\\\").replace(/'/g, "\\'")}'`;
const shell = (text) => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`);

/** What stands in for a secret that is not to be shown, or for a required value that is not there yet. */
const placeholder = (name) => `YOUR_${upperSnake(name)}`;

/** Takes secrets out of a call unless they are to be shown, and fills in what must be there. */
function prepare(call, reveal) {
  const hide = (name, sensitive, node) => {
    if (node.fields) return { ...node, fields: node.fields.map((field) => ({ ...field, node: hide(field.name, field.sensitive, field.node) })) };
    if (node.items) return { ...node, items: node.items.map((item) => hide(name, false, item)) };
    if (node.entries) return { ...node, entries: node.entries.map(([key, item]) => [key, hide(key, false, item)]) };
    return sensitive && (!reveal || node.value === "") ? { ...node, value: placeholder(name) } : node;
  };
  const params = call.params.map((param) => {
    const missing = !param.node && !param.optional && param.type === "string";
    const node = missing ? { kind: "string", value: "" } : param.node;
    return node ? { ...param, node: hide(param.name, param.sensitive, node) } : param;
  });
  return { ...call, params };
}

/** Parameters by position: up to the last one that is sent, with a word for those in between that are not. */
function positional(call, write, omitted) {
  let last = call.params.length;
  while (last > 0 && !call.params[last - 1].node) last -= 1;
  return call.params.slice(0, last).map((param) => (param.node ? write(param) : omitted));
}

const ksOf = (call, reveal) => (call.needs === "none" || !call.ks ? undefined : reveal ? call.ks : "YOUR_KS");
const enumMember = (node) => node.member;

/** A writer of values for languages whose objects are made first and filled property by property. */
function statements(syntax) {
  return (call) => {
    const lines = [];
    const used = new Set(call.params.map((param) => param.name));
    const fresh = (name) => {
      let candidate = name;
      for (let count = 2; used.has(candidate); count += 1) candidate = `${name}${count}`;
      used.add(candidate);
      return syntax.variable(candidate);
    };
    const write = (name, node) => {
      switch (node.kind) {
        case "null":
          return syntax.null;
        case "bool":
          return node.value === "true" ? syntax.true : syntax.false;
        case "int":
        case "bigint":
        case "time":
          return isWhole(node.value) ? node.value : syntax.text(node.value);
        case "float":
          return isFraction(node.value) ? node.value : syntax.text(node.value);
        case "enum":
          return enumMember(node) ? syntax.member(node.of, enumMember(node)) : node.int && isWhole(node.value) ? node.value : syntax.text(node.value);
        case "object": {
          const variable = fresh(name);
          lines.push(syntax.create(variable, node.of));
          for (const field of node.fields) lines.push(syntax.set(variable, field.name, write(field.name, field.node)));
          return variable;
        }
        case "array":
          return syntax.list(node.items.map((item, index) => write(`${name}${index + 1}`, item)), node.of);
        case "map":
          return syntax.map(node.entries.map(([key, item]) => [key, write(key, item)]), node.of);
        case "file":
          return syntax.file ? syntax.file(node.value.name) : syntax.text(node.value.name);
        default:
          return syntax.text(node.value);
      }
    };
    used.clear();
    const args = positional(call, (param) => write(param.name, param.node), syntax.omitted);
    return { lines, args };
  };
}

const NO_MULTI = "A request of several calls is shown with curl, Go, Rust and ks.";

function php({ call, url, reveal }) {
  const { lines, args } = statements({
    variable: (name) => `$${name}`,
    null: "null",
    omitted: "null",
    true: "true",
    false: "false",
    text: single,
    member: (name, member) => `${name}::${member}`,
    create: (variable, name) => `${variable} = new ${name}();`,
    set: (variable, name, value) => `${variable}->${name} = ${value};`,
    list: (items) => `[${items.join(", ")}]`,
    map: (entries) => `[${entries.map(([key, value]) => `${single(key)} => ${value}`).join(", ")}]`,
  })(call);
  const ks = ksOf(call, reveal);
  const action = ["list", "clone", "goto"].includes(call.action) ? `${call.action}Action` : call.action;
  const service = call.plugin
    ? `Kaltura${pascal(call.plugin)}ClientPlugin::get($client)->${call.name}`
    : `$client->${call.name}`;
  return [
    "<?php",
    "require_once 'vendor/autoload.php';",
    "",
    "$config = new KalturaConfiguration();",
    `$config->serviceUrl = ${single(url)};`,
    "$client = new KalturaClient($config);",
    ks && `$client->setKs(${single(ks)});`,
    "",
    ...lines,
    `$result = ${service}->${action}(${args.join(", ")});`,
    "print_r($result);",
  ];
}

function java({ call, url, reveal }) {
  const types = new Set();
  const members = new Set();
  const { lines, args } = statements({
    variable: (name) => name,
    null: "null",
    omitted: "null",
    true: "true",
    false: "false",
    text: double,
    member: (name, member) => {
      members.add(bare(name));
      return `${bare(name)}.${member}`;
    },
    create: (variable, name) => {
      types.add(bare(name));
      return `${bare(name)} ${variable} = new ${bare(name)}();`;
    },
    set: (variable, name, value) => `${variable}.set${pascal(name)}(${value});`,
    list: (items) => `java.util.List.of(${items.join(", ")})`,
    map: (entries) => `java.util.Map.of(${entries.map(([key, value]) => `${double(key)}, ${value}`).join(", ")})`,
    file: (name) => `new java.io.File(${double(name)})`,
  })(call);
  const ks = ksOf(call, reveal);
  return [
    "import com.kaltura.client.APIOkRequestsExecutor;",
    "import com.kaltura.client.Client;",
    "import com.kaltura.client.Configuration;",
    ...[...members].sort().map((name) => `import com.kaltura.client.enums.${name};`),
    `import com.kaltura.client.services.${pascal(call.name)}Service;`,
    ...[...types].sort().map((name) => `import com.kaltura.client.types.${name};`),
    "",
    "public class Example {",
    "    public static void main(String[] arguments) throws Exception {",
    "        Configuration config = new Configuration();",
    `        config.setEndpoint(${double(url)});`,
    "        Client client = new Client(config);",
    ks && `        client.setKs(${double(ks)});`,
    "",
    ...lines.map((line) => `        ${line}`),
    `        var request = ${pascal(call.name)}Service.${call.action}(${args.join(", ")});`,
    "        var response = APIOkRequestsExecutor.getExecutor().execute(request.build(client));",
    "        System.out.println(response.results);",
    "    }",
    "}",
  ];
}

function csharp({ call, url, reveal }) {
  const { lines, args } = statements({
    variable: (name) => name,
    null: "null",
    omitted: "default",
    true: "true",
    false: "false",
    text: double,
    member: (name, member) => `${bare(name)}.${member}`,
    create: (variable, name) => `${bare(name)} ${variable} = new ${bare(name)}();`,
    set: (variable, name, value) => `${variable}.${pascal(name)} = ${value};`,
    list: (items, of) => `new List<${bare(of)}> { ${items.join(", ")} }`,
    map: (entries, of) => `new Dictionary<string, ${bare(of)}> { ${entries.map(([key, value]) => `{ ${double(key)}, ${value} }`).join(", ")} }`,
    file: (name) => `System.IO.File.OpenRead(${double(name)})`,
  })(call);
  // Optional arguments have names in C#, so that those in between need no word.
  const named = [];
  let gap = false;
  call.params.slice(0, args.length).forEach((param, index) => {
    if (!param.node) gap = true;
    else named.push(gap ? `${param.name}: ${args[index]}` : args[index]);
  });
  const ks = ksOf(call, reveal);
  return [
    "using System;",
    "using System.Collections.Generic;",
    "using Kaltura;",
    "using Kaltura.Enums;",
    "using Kaltura.Services;",
    "using Kaltura.Types;",
    "",
    "class Example",
    "{",
    "    static void Main()",
    "    {",
    "        Configuration config = new Configuration();",
    `        config.ServiceUrl = ${double(url)};`,
    "        Client client = new Client(config);",
    ks && `        client.KS = ${double(ks)};`,
    "",
    ...lines.map((line) => `        ${line}`),
    `        var result = ${pascal(call.name)}Service.${pascal(call.action)}(${named.join(", ")}).ExecuteAndWaitForResponse(client);`,
    "        Console.WriteLine(result);",
    "    }",
    "}",
  ];
}

function python({ call, url, reveal }) {
  const names = new Set();
  const { lines, args } = statements({
    variable: (name) => snake(name),
    null: "None",
    omitted: "NotImplemented",
    true: "True",
    false: "False",
    text: double,
    member: (name, member) => {
      names.add(name);
      return `${name}.${member}`;
    },
    create: (variable, name) => {
      names.add(name);
      return `${variable} = ${name}()`;
    },
    set: (variable, name, value) => `${variable}.${name} = ${value}`,
    list: (items) => `[${items.join(", ")}]`,
    map: (entries) => `{${entries.map(([key, value]) => `${double(key)}: ${value}`).join(", ")}}`,
    file: (name) => `open(${double(name)}, "rb")`,
  })(call);
  const ks = ksOf(call, reveal);
  const service = call.plugin ? `${call.plugin}.${call.name}` : call.name;
  return [
    "from KalturaClient import KalturaClient, KalturaConfiguration",
    names.size > 0 && `from KalturaClient.Plugins.Core import ${[...names].sort().join(", ")}`,
    call.plugin && `from KalturaClient.Plugins.${pascal(call.plugin)} import *`,
    "",
    "config = KalturaConfiguration()",
    `config.serviceUrl = ${double(url)}`,
    "client = KalturaClient(config)",
    ks && `client.setKs(${double(ks)})`,
    "",
    ...lines,
    `result = client.${service}.${call.action}(${args.join(", ")})`,
    "print(result)",
  ];
}

/** Values in JavaScript are written in place. */
function inPlace(node, syntax) {
  const write = (it) => inPlace(it, syntax);
  const key = (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : double(name));
  switch (node.kind) {
    case "null":
      return "null";
    case "bool":
      return node.value === "true" ? "true" : "false";
    case "int":
    case "bigint":
    case "time":
      return isWhole(node.value) ? node.value : double(node.value);
    case "float":
      return isFraction(node.value) ? node.value : double(node.value);
    case "enum":
      return enumMember(node) ? syntax.member(node.of, enumMember(node)) : node.int && isWhole(node.value) ? node.value : double(node.value);
    case "object":
      return syntax.object(node.of, node.fields.map((field) => `${key(field.name)}: ${write(field.node)}`).join(", "));
    case "array":
      return `[${node.items.map(write).join(", ")}]`;
    case "map":
      return `{ ${node.entries.map(([name, item]) => `${key(name)}: ${write(item)}`).join(", ")} }`;
    case "file":
      return double(node.value.name);
    default:
      return double(node.value);
  }
}

function node({ call, url, reveal }) {
  const write = (it) => inPlace(it, {
    member: (name, member) => `kaltura.enums.${bare(name)}.${member}`,
    object: (name, fields) => (fields === "" ? `new kaltura.objects.${bare(name)}()` : `new kaltura.objects.${bare(name)}({ ${fields} })`),
  });
  const args = positional(call, (param) => write(param.node), "undefined");
  const ks = ksOf(call, reveal);
  const action = ["list", "delete", "clone", "export"].includes(call.action) ? `${call.action}Action` : call.action;
  return [
    'const kaltura = require("kaltura-client");',
    "",
    "const config = new kaltura.Configuration();",
    `config.serviceUrl = ${double(url)};`,
    "const client = new kaltura.Client(config);",
    ks && `client.setKs(${double(ks)});`,
    "",
    "(async () => {",
    `  const result = await kaltura.services.${call.name}`,
    `    .${action}(${args.join(", ")})`,
    "    .execute(client);",
    "  console.log(result);",
    "})();",
  ];
}

function typescript({ call, url, reveal }) {
  const names = new Set([`${pascal(call.name)}${pascal(call.action)}Action`]);
  const write = (it) => inPlace(it, {
    member: (name, member) => {
      names.add(name);
      return `${name}.${camelOfConstant(member)}`;
    },
    object: (name, fields) => {
      names.add(name);
      return fields === "" ? `new ${name}()` : `new ${name}({ ${fields} })`;
    },
  });
  const fields = call.params.filter((param) => param.node).map((param) => `  ${param.name}: ${write(param.node)},`);
  const ks = ksOf(call, reveal);
  const request = [...names][0];
  return [
    'import { KalturaBrowserHttpClient } from "kaltura-typescript-client";',
    ...[...names].map((name) => `import { ${name} } from "kaltura-typescript-client/types/${name}";`),
    "",
    "const client = new KalturaBrowserHttpClient({",
    `  endpointUrl: ${double(`${url}/api_v3/index.php`)},`,
    '  clientTag: "my-app",',
    "});",
    ks && `client.ks = ${double(ks)};`,
    "",
    ...(fields.length === 0 ? [`const request = new ${request}();`] : [`const request = new ${request}({`, ...fields, "});"]),
    "client.request(request).then((result) => console.log(result));",
  ];
}

function ruby({ call, url, reveal }) {
  const { lines, args } = statements({
    variable: (name) => snake(name),
    null: "nil",
    omitted: "Kaltura::KalturaNotImplemented",
    true: "true",
    false: "false",
    text: (text) => single(text),
    member: (name, member) => `Kaltura::${name}::${member}`,
    create: (variable, name) => `${variable} = Kaltura::${name}.new`,
    set: (variable, name, value) => `${variable}.${snake(name)} = ${value}`,
    list: (items) => `[${items.join(", ")}]`,
    map: (entries) => `{ ${entries.map(([key, value]) => `${single(key)} => ${value}`).join(", ")} }`,
    file: (name) => `File.open(${single(name)})`,
  })(call);
  const ks = ksOf(call, reveal);
  return [
    "require 'kaltura'",
    "",
    "config = Kaltura::KalturaConfiguration.new",
    `config.service_url = ${single(url)}`,
    "client = Kaltura::KalturaClient.new(config)",
    ks && `client.ks = ${single(ks)}`,
    "",
    ...lines,
    `result = client.${snake(call.name)}_service.${snake(call.action)}(${args.join(", ")})`,
    "p result",
  ];
}

/** The pairs of a request without a library: `format=1` and the parameters. */
function rawPairs({ call, calls, reveal }) {
  const list = calls ?? [call];
  const ks = list.some((it) => it.needs !== "none") ? list.map((it) => ksOf(it, reveal)).find(Boolean) : undefined;
  return formPairs(list, { format: "1", ...(ks ? { ks } : {}) });
}

const isFile = (value) => typeof value === "object";
const address = ({ call, calls, url }) => url + pathOf(calls ?? [call]);

function curl(model) {
  const pairs = rawPairs(model);
  const form = pairs.some(([, value]) => isFile(value));
  const lines = pairs.map(([name, value]) => {
    if (form) return `  -F ${shell(`${name}=${isFile(value) ? `@${value.name}` : value}`)}`;
    return /^[\w.:*,-]*$/.test(value) ? `  -d ${shell(`${name}=${value}`)}` : `  --data-urlencode ${shell(`${name}=${value}`)}`;
  });
  return [`curl -s ${shell(address(model))} \\`, ...lines.map((line, index) => (index + 1 < lines.length ? `${line} \\` : line))];
}

function go(model) {
  return [
    "package main",
    "",
    "import (",
    '\t"fmt"',
    '\t"io"',
    '\t"net/http"',
    '\t"net/url"',
    ")",
    "",
    "func main() {",
    "\tform := url.Values{}",
    ...rawPairs(model).map(([name, value]) => `\tform.Set(${double(name)}, ${double(isFile(value) ? value.name : value)})`),
    `\tresponse, err := http.PostForm(${double(address(model))}, form)`,
    "\tif err != nil {",
    "\t\tpanic(err)",
    "\t}",
    "\tdefer response.Body.Close()",
    "\tbody, err := io.ReadAll(response.Body)",
    "\tif err != nil {",
    "\t\tpanic(err)",
    "\t}",
    "\tfmt.Println(string(body))",
    "}",
  ];
}

const rustText = (text) => `"${text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n")}"`;

/** Names as Rust has them: `startWidgetSession` is `start_widget_session`, `ADMIN` is `Admin`. */
const rustSnake = (name) => {
  const plain = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/([A-Z])([A-Z][a-z])/g, "$1_$2").toLowerCase();
  return ["type", "move", "ref", "use", "where", "in", "for", "match", "override"].includes(plain) ? `r#${plain}` : plain;
};
const rustType = (name) => (bare(name) === "String" ? "StringObject" : rustCamel(bare(name)));
function rustCamel(name) {
  const shouting = !/[a-z]/.test(name);
  const words = name.split(/[_.-]/).filter((word) => word !== "");
  const camel = words.map((word) => word.charAt(0).toUpperCase() + (shouting ? word.slice(1).toLowerCase() : word.slice(1))).join("");
  return /^\d/.test(camel) ? `N${camel}` : camel;
}

/** A value in Rust, as `ks-client` takes it. */
function rustValue(node, used) {
  const write = (it) => rustValue(it, used);
  switch (node.kind) {
    case "null":
      used.add("Null");
      return "Null";
    case "bool":
      return node.value === "true" ? "true" : "false";
    case "int":
    case "bigint":
    case "time":
      if (!isWhole(node.value)) return rustText(node.value);
      return Math.abs(Number(node.value)) > 0x7fffffff ? `${node.value}_i64` : node.value;
    case "float":
      return isWhole(node.value) ? `${node.value}.0` : isFraction(node.value) ? node.value : rustText(node.value);
    case "enum":
      if (enumMember(node)) {
        used.add("enums");
        return `enums::${rustType(node.of)}::${rustCamel(enumMember(node))}`;
      }
      used.add("OneOf");
      return `OneOf::Unknown(${node.int && isWhole(node.value) ? node.value : rustText(node.value)}.into())`;
    case "object": {
      used.add("classes");
      const fields = node.fields.map((field) => `.with_${rustSnake(field.name).replace("r#", "")}(${write(field.node)})`);
      return `classes::${rustType(node.of)}::new()${fields.join("")}`;
    }
    case "array":
      return node.items.length === 0 ? `Vec::<classes::${rustType(node.of)}>::new()` : `vec![${node.items.map(write).join(", ")}]`;
    case "map":
      return `std::collections::BTreeMap::from([${node.entries.map(([key, item]) => `(${rustText(key)}.to_owned(), ${write(item)})`).join(", ")}])`;
    case "file":
      used.add("Upload");
      return `Upload::new(${rustText(node.value.name)}, std::fs::read(${rustText(node.value.name)}).expect("a file"))`;
    default:
      return rustText(node.value);
  }
}

function rust({ call, calls, url, reveal }) {
  const used = new Set(["Client", "Error"]);
  const lines = [];
  if (call) {
    const required = call.params.filter((param) => !param.optional);
    const args = required.map((param) => (param.node ? rustValue(param.node, used) : placeholder(param.name)));
    const set = call.params
      .filter((param) => param.optional && param.node)
      .map((param) => `        .${rustSnake(param.name)}(${rustValue(param.node, used)})`);
    const start = `client.${rustSnake(call.service)}().${rustSnake(call.action)}(${args.join(", ")})`;
    lines.push(...(set.length === 0 ? [`    let result = ${start}.await?;`] : [`    let result = ${start}`, ...set, "        .await?;"]));
    lines.push('    println!("{result:?}");');
  } else {
    // Calls of one request refer to each other as they were typed.
    lines.push("    let mut batch = client.batch();");
    calls.forEach((it, index) => {
      const body = jsonBody([it], {});
      const set = Object.entries(body).map(([name, value]) => `\n        .with(${rustText(name)}, serde_json::json!(${JSON.stringify(value)}))`);
      lines.push(`    let call${index + 1} = batch.add_untyped(client.action(${rustText(it.service)}, ${rustText(it.action)})${set.join("")});`);
    });
    lines.push("    let answers = batch.send().await?;");
    calls.forEach((_, index) => lines.push(`    println!("{:?}", answers.get(&call${index + 1}));`));
  }
  const ks = (calls ?? [call]).map((it) => ksOf(it, reveal)).find(Boolean);
  if (ks) used.add("Credentials");
  return [
    "// [dependencies] ks-client, serde_json, and tokio with the features macros and rt-multi-thread",
    `use ks_client::{${[...used].sort().join(", ")}};`,
    "",
    "#[tokio::main]",
    "async fn main() -> Result<(), Error> {",
    `    let client = Client::new(${rustText(url)})?;`,
    ks && `    let client = client.sign_in(Credentials::given(${rustText(ks)})).await?;`,
    ...lines,
    "    Ok(())",
    "}",
  ];
}

/** A word of `ks call`. */
function ksWord([name, value]) {
  if (isFile(value)) return shell(`${name}=@${value.name}`);
  if (value === "-") return shell(`${name}:="-"`);
  return shell(`${name}=${value.startsWith("@") ? "@" : ""}${value}`);
}

function ks(model) {
  const { call, calls, partner, url } = model;
  if (call && call.service === "session" && call.action === "start") {
    const value = (name) => call.params.find((param) => param.name === name)?.node?.value;
    const options = [
      ["secret", value("secret") || "YOUR_SECRET"],
      ["partner", value("partnerId") || partner || "YOUR_PARTNER_ID"],
      ["user", value("userId")],
      ["type", value("type") === "2" ? "admin" : "user"],
      ["expiry", value("expiry")],
      ["privileges", value("privileges")],
    ];
    const words = options.filter(([, it]) => it).map(([name, it]) => `--${name} ${shell(it)}`);
    return ["# Made on this machine, with no call at all.", `ks generate ${words.join(" ")}`];
  }
  const needs = (calls ?? [call]).some((it) => it.needs !== "none");
  const session = ["# The session is made on this machine, with no call at all.", `KS=$(ks generate --secret YOUR_SECRET --partner ${partner || "YOUR_PARTNER_ID"} --type admin)`];
  const strip = (it) => ({ ...it, ks: undefined });
  if (calls) {
    const plain = curl({ ...model, calls: Object.assign(calls.map(strip), { multi: true }) });
    if (!needs) return plain;
    plain[plain.length - 1] += " \\";
    return [...session, ...plain, '  -d ks="$KS"'];
  }
  const words = formPairs([strip(call)], {}).map(ksWord);
  const line = [`ks call ${call.service}.${call.action} --url ${shell(url)}`, ...words, ...(needs ? ['ks="$KS"'] : [])].join(" ");
  return needs ? [...session, line] : [line];
}

/** Every language, in the order of the console. The first five stand where people know them. */
export const LANGUAGES = [
  { id: "php", name: "PHP", write: php, client: true },
  { id: "java", name: "Java", write: java, client: true },
  { id: "csharp", name: "C#", write: csharp, client: true },
  { id: "python", name: "Python", write: python, client: true, comment: "# " },
  { id: "node", name: "Javascript", write: node, client: true },
  { id: "curl", name: "curl", write: curl, comment: "# " },
  { id: "typescript", name: "TypeScript", write: typescript, client: true },
  { id: "ruby", name: "Ruby", write: ruby, client: true, comment: "# " },
  { id: "go", name: "Go", write: go },
  { id: "rust", name: "Rust", write: rust },
  { id: "ks", name: "ks", write: ks, comment: "# " },
];

/**
 * Code for a call. The model: `{ call, url, partner?, reveal? }`, or `{ calls, … }` for several calls in one request;
 * a call has `service`, `action`, `name` (of the service in clients), `plugin`, `needs` ("none", "optional" or
 * "always"), `ks`, and `params` with `name`, `type`, `optional`, `sensitive` and `node`.
 */
export function example(id, model) {
  const language = LANGUAGES.find((it) => it.id === id);
  const comment = language.comment ?? "// ";
  if (model.calls && language.client) return `${comment}${NO_MULTI}\n`;
  const prepared = { ...model };
  if (model.call) prepared.call = prepare(model.call, model.reveal);
  if (model.calls) prepared.calls = Object.assign(model.calls.map((call) => prepare(call, model.reveal)), { multi: true });
  const lines = language.write(prepared).filter((line) => line !== undefined && line !== false && line !== null);
  if (language.client && model.call?.plugin === "ks") {
    const note = "The published clients do not know this service: generate one from this server's KalturaClient.xml.";
    lines.splice(id === "php" ? 1 : 0, 0, `${comment}${note}`);
  }
  return `${lines.join("\n").replace(/\n{3,}/g, "\n\n")}\n`;
}

/** The body that the documentation shows. */
export const jsonExample = (call) => JSON.stringify(jsonBody([call], { format: 1 }), null, 2);
