// From the values of a form to what is sent. A value ("node") is one of
//   { kind: "int" | "bigint" | "float" | "bool" | "string" | "time" | "enum", of?, value }
//   { kind: "null" }   { kind: "file", value: File }
//   { kind: "object", of, fields: [{ name, sensitive, node }] }
//   { kind: "array", of, items: [node] }   { kind: "map", of, entries: [[key, node]] }
// and a call is { service, action, params: [{ name, sensitive, node? }] }; a parameter without a node is not sent.

const isNumber = (text) => /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text));

/** The node as JSON. A number that is none goes as text, so that references and mistakes reach the server as typed. */
export function toJson(node) {
  switch (node.kind) {
    case "null":
      return null;
    case "int":
    case "time":
      return isNumber(node.value) ? Number(node.value) : node.value;
    case "float":
      return node.value !== "" && Number.isFinite(Number(node.value)) ? Number(node.value) : node.value;
    case "enum":
      return node.int && isNumber(node.value) ? Number(node.value) : node.value;
    case "bool":
      return node.value === "true";
    case "object": {
      const object = { objectType: node.of };
      for (const field of node.fields) {
        if (field.node.kind === "null") object[`${field.name}__null`] = "";
        else object[field.name] = toJson(field.node);
      }
      return object;
    }
    case "array":
      return node.items.length === 0 ? { "-": "" } : node.items.map(toJson);
    case "map":
      return node.entries.length === 0 ? { "-": "" } : Object.fromEntries(node.entries.map(([key, it]) => [key, toJson(it)]));
    case "file":
      return undefined;
    default:
      return node.value;
  }
}

/** The node as pairs of a form, nested by colons: `filter:idEqual`. */
export function toPairs(name, node) {
  switch (node.kind) {
    case "null":
      return [[`${name}__null`, ""]];
    case "object":
      return [[`${name}:objectType`, node.of], ...node.fields.flatMap((field) => toPairs(`${name}:${field.name}`, field.node))];
    case "array":
      return node.items.length === 0 ? [[`${name}:-`, ""]] : node.items.flatMap((item, index) => toPairs(`${name}:${index}`, item));
    case "map":
      return node.entries.length === 0 ? [[`${name}:-`, ""]] : node.entries.flatMap(([key, item]) => toPairs(`${name}:${key}`, item));
    case "file":
      return [[name, node.value]];
    default:
      return [[name, node.value]];
  }
}

const sent = (call) => call.params.filter((param) => param.node);
const hasFile = (node) =>
  node.kind === "file" ||
  (node.fields ?? []).some((field) => hasFile(field.node)) ||
  (node.items ?? []).some(hasFile) ||
  (node.entries ?? []).some(([, item]) => hasFile(item));

/** The path of a call, or of several in one request. */
export const pathOf = (calls) =>
  calls.length === 1 && !calls.multi
    ? `/api_v3/service/${calls[0].service.toLowerCase()}/action/${calls[0].action}`
    : "/api_v3/service/multirequest";

/** The parameters of a request as pairs of a form. */
export function formPairs(calls, globals) {
  const pairs = Object.entries(globals);
  if (!calls.multi) return [...pairs, ...sent(calls[0]).flatMap((param) => toPairs(param.name, param.node))];
  calls.forEach((call, index) => {
    const number = index + 1;
    pairs.push([`${number}:service`, call.service], [`${number}:action`, call.action]);
    pairs.push(...sent(call).flatMap((param) => toPairs(`${number}:${param.name}`, param.node)));
  });
  return pairs;
}

/** The parameters of a request as one JSON object. */
export function jsonBody(calls, globals) {
  const params = (call) => Object.fromEntries(sent(call).map((param) => [param.name, toJson(param.node)]));
  if (!calls.multi) return { ...globals, ...params(calls[0]) };
  const body = { ...globals };
  calls.forEach((call, index) => {
    body[index + 1] = { service: call.service, action: call.action, ...params(call) };
  });
  return body;
}

/** What `fetch` needs for a request: JSON, or a form where a file goes along. */
export function request(calls, globals) {
  const options = { method: "POST", credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" };
  if (calls.some((call) => sent(call).some((param) => hasFile(param.node)))) {
    const form = new FormData();
    for (const [name, value] of formPairs(calls, globals)) form.append(name, value);
    return { path: pathOf(calls), options: { ...options, body: form }, shown: formPairs(calls, globals).map(([name, value]) => `${name}=${value.name ?? value}`).join("\n") };
  }
  const body = jsonBody(calls, globals);
  return {
    path: pathOf(calls),
    options: { ...options, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) },
    shown: JSON.stringify(body, null, 2),
  };
}

const MASK = "********";

/** A reference to an earlier answer is no secret, whatever field it stands in. */
const isReference = (node) => typeof node?.value === "string" && /^\{\d+:result(:\w+)*\}$/.test(node.value);

/** The same call with everything secret taken out: for links, for the history, and for what is shown. */
export function withoutSecrets(call) {
  const clean = (node) => {
    if (node.fields) {
      const fields = node.fields.filter((field) => !field.sensitive || isReference(field.node)).map((field) => ({ ...field, node: clean(field.node) }));
      return { ...node, fields };
    }
    if (node.items) return { ...node, items: node.items.map(clean) };
    if (node.entries) return { ...node, entries: node.entries.map(([key, item]) => [key, clean(item)]) };
    return node;
  };
  const params = call.params.filter(
    (param) => param.node && !hasFile(param.node) && (!param.sensitive || isReference(param.node)),
  );
  return { ...call, params: params.map((param) => ({ ...param, node: clean(param.node) })) };
}

/** The same call with everything secret replaced by asterisks. */
export function masked(call) {
  const mask = (sensitive, node) => {
    if (node.fields) return { ...node, fields: node.fields.map((field) => ({ ...field, node: mask(field.sensitive, field.node) })) };
    if (node.items) return { ...node, items: node.items.map((item) => mask(false, item)) };
    if (node.entries) return { ...node, entries: node.entries.map(([key, item]) => [key, mask(false, item)]) };
    return sensitive && node.value && !isReference(node) ? { ...node, value: MASK } : node;
  };
  return { ...call, params: call.params.map((param) => (param.node ? { ...param, node: mask(param.sensitive, param.node) } : param)) };
}

/** A node back to the plain value that a form takes: what links and the history keep. */
export function toPlain(node) {
  switch (node.kind) {
    case "null":
      return null;
    case "object":
      return { objectType: node.of, ...Object.fromEntries(node.fields.map((field) => [field.name, toPlain(field.node)])) };
    case "array":
      return node.items.map(toPlain);
    case "map":
      return Object.fromEntries(node.entries.map(([key, item]) => [key, toPlain(item)]));
    default:
      return node.value;
  }
}

/** Whether one of the calls asks for an ADMIN session. */
export const asksForAdmin = (calls) => (calls ?? []).some((call) =>
  call.params.some(({ node }) => node?.kind === "enum" && node.of === "KalturaSessionType" && node.member === "ADMIN"));
