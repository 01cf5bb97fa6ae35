// The answer of a call: its text with line numbers, and as a tree, for XML and JSON alike.
import { el } from "./dom.js";

/** At most so many lines are shown at once: a browser takes long for more. */
const LINES = 4000;

/** XML is parsed under a policy of its own. What is parsed is data: it never becomes part of the page. */
const policy = globalThis.trustedTypes?.createPolicy("ks-xml", { createHTML: (text) => text });

export function parseXml(text) {
  const xml = new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/xml");
  return xml.querySelector("parsererror") ? undefined : xml.documentElement;
}

/** What an answer holds: its format, its text in good order, the error in it, and the result as JSON has it. */
export function read(text, contentType = "") {
  if (/xml/.test(contentType) || text.startsWith("<?xml") || text.startsWith("<xml")) {
    const root = parseXml(text);
    if (root) return { format: "xml", root, pretty: indentXml(root), value: xmlValue(root.querySelector(":scope > result")) };
  }
  if (/json/.test(contentType) || /^[[{"]|^-?\d|^(true|false|null)$/.test(text.trim())) {
    try {
      const value = JSON.parse(text);
      return { format: "json", value, pretty: JSON.stringify(value, null, 2) };
    } catch {
      // It only looked like JSON.
    }
  }
  return { format: "text", value: text, pretty: text };
}

const XML_ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const escapeXml = (text) => text.replace(/[&<>]/g, (symbol) => XML_ESCAPES[symbol]);

function indentXml(element, depth = 0) {
  const space = "  ".repeat(depth);
  const children = [...element.children];
  const name = element.tagName;
  if (children.length === 0) {
    const text = element.textContent;
    return text === "" ? `${space}<${name}/>` : `${space}<${name}>${escapeXml(text)}</${name}>`;
  }
  return [`${space}<${name}>`, ...children.map((child) => indentXml(child, depth + 1)), `${space}</${name}>`].join("\n");
}

/** An XML answer as JSON would have it, as far as that can be told: everything is text. */
function xmlValue(element) {
  if (!element) return undefined;
  const children = [...element.children];
  if (children.length === 1 && children[0].tagName === "error") return { ...xmlValue(children[0]), objectType: "KalturaAPIException" };
  if (children.length === 0) return element.textContent;
  if (children.every((child) => child.tagName === "item")) return children.map(xmlValue);
  return Object.fromEntries(children.map((child) => [child.tagName, xmlValue(child)]));
}

export const isError = (value) => typeof value === "object" && value !== null && value.objectType === "KalturaAPIException";

/** Text with a number in front of each line; the numbers are not copied along. */
export function lines(text) {
  const all = text.split("\n");
  const list = el("ol", { class: "lines", tabindex: "0", "aria-label": "Answer, line by line" });
  const append = (some) => list.append(...some.map((line) => el("li", {}, el("span", {}, ...highlight(line)))));
  append(all.slice(0, LINES));
  if (all.length > LINES) {
    const more = el("button", { type: "button", class: "small" }, `Show all ${all.length} lines`);
    more.addEventListener("click", () => {
      more.remove();
      append(all.slice(LINES));
    });
    return el("div", {}, list, more);
  }
  return list;
}

/** The names in a line of XML or JSON, set apart from the values. */
function highlight(line) {
  const json = /^(\s*)("(?:[^"\\]|\\.)*")(:.*)$/.exec(line);
  if (json) return [json[1], el("span", { class: "tok-key" }, json[2]), json[3]];
  const xml = /^(\s*)(<[^>]*>)([^<]*)(<\/[^>]*>)?$/.exec(line);
  if (xml) return [xml[1], el("span", { class: "tok-key" }, xml[2]), xml[3], xml[4] && el("span", { class: "tok-key" }, xml[4])].filter(Boolean);
  return [line];
}

/** The answer as a tree that opens and closes. */
export function tree(answer) {
  const root = answer.format === "xml" ? xmlNode(answer.root, 0) : jsonNode("answer", answer.value, 0);
  return el("div", { class: "tree" }, root);
}

function leaf(name, value, kind) {
  return el("div", { class: "leaf" }, el("span", { class: "tok-key" }, name), ": ", el("span", { class: kind }, value));
}

function branch(name, note, depth, children) {
  const details = el("details", { open: depth < 2 }, el("summary", {}, el("span", { class: "tok-key" }, name), " ", el("span", { class: "muted" }, note)));
  // Children are made when they are wanted: an answer can have thousands.
  let filled = false;
  const fill = () => {
    if (filled || !details.open) return;
    filled = true;
    details.append(...children());
  };
  details.addEventListener("toggle", fill);
  fill();
  return details;
}

function jsonNode(name, value, depth) {
  if (Array.isArray(value)) {
    return branch(name, `[${value.length}]`, depth, () => value.map((item, index) => jsonNode(String(index), item, depth + 1)));
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    return branch(name, value.objectType ?? `{${entries.length}}`, depth, () => entries.map(([key, it]) => jsonNode(key, it, depth + 1)));
  }
  return leaf(name, JSON.stringify(value) ?? "", typeof value === "string" ? "tok-text" : "tok-number");
}

function xmlNode(element, depth) {
  const children = [...element.children];
  if (children.length === 0) return leaf(element.tagName, element.textContent, "tok-text");
  const type = element.querySelector(":scope > objectType")?.textContent ?? `(${children.length})`;
  return branch(element.tagName, type, depth, () => children.map((child) => xmlNode(child, depth + 1)));
}
