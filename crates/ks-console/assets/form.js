// The form of an action's parameters: a field for each, by its type, with the choice to send it, leave it out, or send
// an explicit null.
import { el, prose, uid } from "./dom.js";
import { instant } from "./time.js";

const SEND = "send";
const OMIT = "omit";
const NULL = "null";

/** Fetches a description once. */
const cache = new Map();
export function load(what) {
  if (!cache.has(what)) {
    const found = fetch(`/api_v3/testme/json/${what}.json`, { credentials: "omit" }).then((answer) => {
      if (!answer.ok) throw new Error(`${what}: ${answer.status}`);
      return answer.json();
    });
    found.catch(() => cache.delete(what));
    cache.set(what, found);
  }
  return cache.get(what);
}

const typeName = (spec) => {
  if (spec.type === "array") return `array of ${spec.of}`;
  if (spec.type === "map") return `map of ${spec.of}`;
  return spec.of ?? spec.type;
};

/** `name (type)`, as the labels of the test console have it. */
const named = (spec) => `${spec.label ?? spec.name} (${typeName(spec)})`;

const OPENAPI = { int: "integer", bigint: "integer", time: "integer", bool: "boolean", float: "number", map: "object" };

/** How the developer console names things: `name: type`, with the types of OpenAPI, and enums in words. */
export const OPENAPI_NAMES = {
  label(spec, enums) {
    const type = spec.type === "enum" ? (enums[spec.of]?.int ? "integer" : "string") : OPENAPI[spec.type] ?? spec.type;
    return `${spec.name}: ${type}`;
  },
  member: (name) => name.charAt(0) + name.slice(1).toLowerCase().replaceAll("_", " "),
};

const labelOf = (spec, context) => (context.label ?? named)(spec, context.enums);

/** What is optional starts left out; what is required, was added or has a value starts to be sent. */
const initialState = (spec) => (spec.optional && spec.preset === undefined ? OMIT : SEND);

/** How a default is written. */
function shownDefault(spec, enums) {
  if (spec.default === undefined) return undefined;
  const values = spec.type === "enum" ? enums[spec.of]?.values ?? [] : [];
  const found = values.find(([, value]) => value === spec.default);
  if (found) return `${found[0]} (${found[1]})`;
  return spec.default === "" ? "empty" : String(spec.default);
}

/** The choice between sending, leaving out, and null. */
function stateSelect(spec, initial, changed) {
  const select = el("select", { class: "state", "aria-label": `${spec.name}: send, omit or null` },
    el("option", { value: SEND }, "Send"), el("option", { value: OMIT }, "Omit"), el("option", { value: NULL }, "Null"));
  select.value = initial;
  select.addEventListener("change", changed);
  return select;
}

/** A text input whose value may be a reference to an earlier answer. */
function referencePicker(spec, input, context, chosen) {
  if (!context.references) return undefined;
  const select = el("select", { class: "reference", "aria-label": `${spec.name}: take it from an earlier answer` },
    el("option", { value: "" }, "From an earlier answer…"));
  select.addEventListener("focus", () => {
    const groups = context.references().map(({ title, paths }) =>
      el("optgroup", { label: title }, paths.map((path) => el("option", { value: path }, path))));
    select.replaceChildren(select.options[0], ...groups);
  });
  select.addEventListener("change", () => {
    if (select.value === "") return;
    input.value = select.value;
    select.value = "";
    chosen();
  });
  return select;
}

/** Inputs for values that are no objects. Each has `element`, `get`, `set`. */
const WIDGETS = {
  text(spec, id, context, changed) {
    const secret = spec.sensitive;
    const numeric = ["int", "bigint", "time"].includes(spec.type);
    const input = el("input", {
      id, type: secret ? "password" : "text", autocomplete: secret ? "new-password" : "off", spellcheck: "false",
      autocapitalize: "off", inputmode: numeric ? "numeric" : spec.type === "float" ? "decimal" : undefined,
      placeholder: shownDefault(spec, context.enums) ?? "",
    });
    input.addEventListener("input", changed);
    const parts = [input];
    if (secret) {
      const show = el("button", { type: "button", class: "small quiet", "aria-label": `Show ${spec.name}`, "aria-pressed": "false" }, "Show");
      show.addEventListener("click", () => {
        const shown = input.type === "password";
        input.type = shown ? "text" : "password";
        show.textContent = shown ? "Hide" : "Show";
        show.setAttribute("aria-pressed", String(shown));
      });
      parts.push(show);
    }
    const picker = referencePicker(spec, input, context, changed);
    return { elements: parts, below: picker, get: () => ({ kind: spec.type, value: input.value }), set: (value) => (input.value = String(value)) };
  },
  time(spec, id, context, changed) {
    const widget = WIDGETS.text(spec, id, context, changed);
    const input = widget.elements[0];
    const picker = el("input", { type: "datetime-local", step: "1", "aria-label": `${spec.name}: date and time` });
    const note = el("p", { class: "hint" });
    const show = () => {
      const seconds = Number(input.value);
      note.textContent = /^-?\d{6,}$/.test(input.value) ? instant(seconds) : "Unix seconds; small numbers count from now.";
    };
    picker.addEventListener("change", () => {
      const time = new Date(picker.value).getTime();
      if (Number.isNaN(time)) return;
      input.value = String(Math.floor(time / 1000));
      show();
      changed();
    });
    input.addEventListener("input", show);
    show();
    return { ...widget, below: el("div", {}, picker, note, widget.below), set: (value) => (widget.set(value), show()) };
  },
  bool(spec, id, _context, changed) {
    const input = el("select", { id }, el("option", { value: "true" }, "true"), el("option", { value: "false" }, "false"));
    input.value = String(spec.default ?? true);
    input.addEventListener("change", changed);
    const set = (value) => (input.value = String(["1", "true"].includes(String(value))));
    return { elements: [input], get: () => ({ kind: "bool", value: input.value }), set };
  },
  enum(spec, id, context, changed) {
    const info = context.enums[spec.of] ?? { int: false, values: [] };
    const input = el("select", { id }, info.values.map(([name, value]) =>
      el("option", { value: String(value) }, context.member ? context.member(name) : name)));
    if (spec.default !== undefined) input.value = String(spec.default);
    input.addEventListener("change", changed);
    const get = () => ({
      kind: "enum", of: spec.of, int: info.int, value: input.value,
      member: info.values.find(([, value]) => String(value) === input.value)?.[0],
    });
    return { elements: [input], get, set: (value) => (input.value = String(value)) };
  },
  file(spec, id, _context, changed) {
    const input = el("input", { id, type: "file" });
    input.addEventListener("change", changed);
    return { elements: [input], get: () => (input.files[0] ? { kind: "file", value: input.files[0] } : undefined), set: () => {} };
  },
};
WIDGETS.string = WIDGETS.int = WIDGETS.bigint = WIDGETS.float = WIDGETS.text;

/** A field for one parameter, property or item. */
export function field(spec, context) {
  if (spec.type === "object") return objectField(spec, context);
  if (spec.type === "array" || spec.type === "map") return listField(spec, context);
  const id = uid();
  const hintId = uid();
  const touched = () => {
    if (state.value !== SEND) state.value = SEND;
    update();
    context.changed();
  };
  const widget = (WIDGETS[spec.type] ?? WIDGETS.text)(spec, id, context, touched);
  const state = stateSelect(spec, initialState(spec), () => {
    update();
    context.changed();
  });
  const update = () => element.classList.toggle("off", state.value !== SEND);
  const input = widget.elements[0];
  if (spec.preset !== undefined) widget.set(spec.preset);
  const byDefault = shownDefault(spec, context.enums);
  const hint = [spec.description, byDefault !== undefined && `Default: ${byDefault}.`].filter(Boolean).join(" ");
  if (hint) input.setAttribute("aria-describedby", hintId);
  if (!spec.optional && !spec.property && !spec.item && !spec.global) input.setAttribute("aria-required", "true");
  const element = el("div", { class: "param", dataset: { name: spec.name } },
    el("div", { class: "param-head" }, el("label", { for: id }, labelOf(spec, context)), ...marks(spec)),
    el("div", { class: "param-control" }, widget.elements, spec.fixed ? undefined : state, spec.remove),
    widget.below,
    hint && el("p", { class: "hint", id: hintId }, prose(hint)));
  update();
  return {
    spec,
    element,
    input,
    get() {
      if (spec.fixed) return widget.get();
      if (state.value === OMIT) return undefined;
      return state.value === NULL ? { kind: "null" } : widget.get();
    },
    async set(value) {
      if (value === undefined) {
        state.value = OMIT;
      } else if (value === null) {
        state.value = NULL;
      } else {
        widget.set(value);
        state.value = SEND;
      }
      update();
    },
  };
}

function marks(spec) {
  if (spec.item || spec.global) return [];
  if (spec.property) return spec.access && spec.access !== "read-write" ? [el("span", { class: "badge" }, spec.access)] : [];
  return [spec.optional ? el("span", { class: "mark" }, "optional") : el("span", { class: "mark required" }, "required")];
}

/** An object: its class, and the properties that were chosen. */
function objectField(spec, context) {
  const body = el("div", { class: "object-body" });
  const state = stateSelect(spec, initialState(spec), () => {
    update();
    context.changed();
  });
  let current;
  let fields = [];
  let enums = {};
  const element = el("fieldset", { class: "param object", dataset: { name: spec.name } },
    el("legend", {}, labelOf(spec, context)),
    el("div", { class: "param-control" }, el("span", { class: "marks" }, ...marks(spec)), state, spec.remove),
    spec.description && el("p", { class: "hint" }, prose(spec.description)),
    body);

  const add = async (property, value) => {
    const remove = el("button", { type: "button", class: "small quiet", "aria-label": `Remove ${property.name}` }, "Remove");
    const made = field({ ...property, property: true, preset: undefined, remove }, { ...context, enums });
    remove.addEventListener("click", () => {
      fields = fields.filter((other) => other !== made);
      made.element.remove();
      refill();
      picker().focus();
      context.changed();
    });
    fields.push(made);
    body.querySelector(".properties").append(made.element);
    if (value !== undefined) await made.set(value);
    return made;
  };
  const picker = () => body.querySelector(".picker");
  const refill = () => {
    const there = new Set(fields.map((made) => made.spec.name));
    const free = current.properties.filter((property) => property.access !== "read-only" && !there.has(property.name));
    picker().replaceChildren(el("option", { value: "" }, "Add a property…"),
      ...free.map((property) => el("option", { value: property.name }, labelOf(property, { ...context, enums }))));
  };
  const show = async (name) => {
    const kept = fields.map((made) => [made.spec.name, made.get() === undefined ? undefined : made]);
    current = await load(`class/${name}`);
    enums = current.enums;
    fields = [];
    const base = body.querySelector(".class-choice");
    const properties = el("div", { class: "properties" });
    const choose = el("select", { class: "picker", "aria-label": `Add a property to ${spec.name}` });
    choose.addEventListener("change", async () => {
      const property = current.properties.find((it) => it.name === choose.value);
      if (!property) return;
      const made = await add(property);
      refill();
      made.focus?.();
      made.input?.focus();
      context.changed();
    });
    body.replaceChildren(...(base ? [base] : []), properties, choose);
    for (const [property, made] of kept) {
      const again = current.properties.find((it) => it.name === property);
      if (!again || !made) continue;
      fields.push(made);
      properties.append(made.element);
    }
    refill();
  };
  const open = async () => {
    if (current) return;
    const declared = await load(`class/${spec.of}`);
    if (current) return;
    const first = declared.choices[0];
    if (declared.choices.length > 1) {
      const id = uid();
      const select = el("select", { id }, declared.choices.map((name) => el("option", { value: name }, name)));
      select.addEventListener("change", async () => {
        await show(select.value);
        context.changed();
      });
      body.append(el("div", { class: "class-choice field" }, el("label", { for: id }, `Type of ${spec.name}`), select));
    }
    if (first) await show(first);
    else body.replaceChildren(el("p", { class: "hint" }, "No object of this class can be made."));
  };
  let opening = Promise.resolve();
  const update = () => {
    element.classList.toggle("off", state.value !== SEND);
    body.hidden = state.value !== SEND;
    if (state.value === SEND) opening = opening.then(open).then(context.changed);
    return opening;
  };
  update();
  return {
    spec,
    element,
    focus: () => state.focus(),
    get() {
      if (state.value === OMIT) return undefined;
      if (state.value === NULL) return { kind: "null" };
      const sent = fields.map((made) => ({ name: made.spec.name, sensitive: made.spec.sensitive, node: made.get() }));
      return { kind: "object", of: current?.name ?? spec.of, fields: sent.filter((it) => it.node) };
    },
    async set(value) {
      state.value = value === undefined ? OMIT : value === null ? NULL : SEND;
      await update();
      if (state.value !== SEND || !current) return;
      const { objectType, ...rest } = value;
      const choice = body.querySelector(".class-choice select");
      if (choice && objectType && objectType !== current.name) {
        choice.value = objectType;
        if (choice.value === objectType) await show(objectType);
      }
      fields = [];
      body.querySelector(".properties").replaceChildren();
      for (const [name, it] of Object.entries(rest)) {
        const property = current.properties.find((known) => known.name === name);
        if (property) await add(property, it);
      }
      refill();
    },
  };
}

/** An array, or a map: items that are added, moved and removed. */
function listField(spec, context) {
  const map = spec.type === "map";
  let items = [];
  const list = el("div", { class: "items" });
  const state = stateSelect(spec, initialState(spec), () => {
    update();
    context.changed();
  });
  const more = el("button", { type: "button", class: "small" }, `Add to ${spec.name}`);
  const note = el("p", { class: "hint" }, "Nothing in it: an empty one is sent.");
  const element = el("fieldset", { class: "param object", dataset: { name: spec.name } },
    el("legend", {}, labelOf(spec, context)),
    el("div", { class: "param-control" }, el("span", { class: "marks" }, ...marks(spec)), state, spec.remove),
    spec.description && el("p", { class: "hint" }, prose(spec.description)),
    el("div", { class: "object-body" }, list, note, more));
  const body = element.querySelector(".object-body");
  const update = () => {
    element.classList.toggle("off", state.value !== SEND);
    body.hidden = state.value !== SEND;
    note.hidden = items.length > 0;
  };
  const add = async (value, keyValue = "") => {
    const number = items.length + 1;
    const remove = el("button", { type: "button", class: "small quiet" }, "Remove");
    const up = el("button", { type: "button", class: "small quiet" }, "Move up");
    const made = objectField({ name: `${spec.name} ${number}`, type: "object", of: spec.of, item: true, remove: [map ? undefined : up, remove] }, context);
    const key = map ? el("input", { "aria-label": `Key of ${spec.name} ${number}`, placeholder: "key", value: keyValue }) : undefined;
    key?.addEventListener("input", context.changed);
    const entry = { made, key, element: el("div", { class: "item" }, key, made.element) };
    remove.addEventListener("click", () => {
      items = items.filter((other) => other !== entry);
      entry.element.remove();
      update();
      more.focus();
      context.changed();
    });
    up.addEventListener("click", () => {
      const place = items.indexOf(entry);
      if (place < 1) return;
      items.splice(place, 1);
      items.splice(place - 1, 0, entry);
      list.insertBefore(entry.element, list.children[place - 1]);
      up.focus();
      context.changed();
    });
    items.push(entry);
    list.append(entry.element);
    await made.set(value ?? {});
    update();
  };
  more.addEventListener("click", async () => {
    state.value = SEND;
    await add();
    context.changed();
  });
  update();
  return {
    spec,
    element,
    focus: () => more.focus(),
    get() {
      if (state.value === OMIT) return undefined;
      if (state.value === NULL) return { kind: "null" };
      const made = items.map((item) => ({ key: item.key?.value, node: item.made.get() })).filter((item) => item.node);
      return map
        ? { kind: "map", of: spec.of, entries: made.map((item) => [item.key, item.node]) }
        : { kind: "array", of: spec.of, items: made.map((item) => item.node) };
    },
    async set(value) {
      items = [];
      list.replaceChildren();
      state.value = value === undefined ? OMIT : value === null ? NULL : SEND;
      if (state.value === SEND) {
        for (const [key, item] of Object.entries(value)) if (key !== "-") await add(item, map ? key : "");
      }
      update();
    },
  };
}

/**
 * The form of an action: `element`, `call()` for its values, `set(values)`. `names` is how things are named, `first` the
 * parameters that stand before the others.
 */
export function actionForm(info, { changed, references, names = {}, first }) {
  const context = { ...names, enums: info.enums, changed, references };
  const fields = info.params.map((param) => field({ ...param }, context));
  const element = el("div", { class: "params" }, arranged(fields, first));
  if (fields.length === 0) element.append(el("p", { class: "muted" }, "This action has no parameters."));
  return {
    info,
    element,
    fields,
    call() {
      const params = fields.map(({ spec, get }) => ({
        name: spec.name, type: spec.type, of: spec.of, optional: spec.optional, sensitive: spec.sensitive, node: get(),
      }));
      return { service: info.service, action: info.action, name: info.name, plugin: info.plugin, needs: info.ks, params };
    },
    async set(values) {
      for (const made of fields) {
        if (Object.hasOwn(values, made.spec.name)) await made.set(values[made.spec.name]);
      }
    },
  };
}

/** Fields as they are shown: all in their order, or those that come first and the others behind a fold. */
function arranged(fields, first) {
  if (!first) return fields.map((made) => made.element);
  const known = first.map((name) => fields.find((made) => made.spec.name === name)).filter(Boolean);
  const rest = fields.filter((made) => !known.includes(made));
  const more = el("details", { class: "more" }, el("summary", {}, "More parameters"), rest.map((made) => made.element));
  return [...known.map((made) => made.element), rest.length > 0 && more];
}

/** The paths that a later request may refer to, of an answer of this type: scalars first, then into objects. */
export async function resultPaths(result, prefix, depth = 3) {
  if (["void", "file"].includes(result.type)) return [];
  if (result.type === "object") return classPaths(result.of, prefix, depth);
  if (result.type === "array") return classPaths(result.of, `${prefix}:0`, depth);
  return [`{${prefix}}`];
}

async function classPaths(name, prefix, depth) {
  if (depth === 0) return [];
  const info = await load(`class/${name}`);
  const paths = [];
  for (const property of info.properties) {
    if (property.name === "relatedObjects") continue;
    const path = `${prefix}:${property.name}`;
    if (property.type === "array") paths.push(...(await classPaths(property.of, `${path}:0`, depth - 1)));
    else if (!["object", "map", "file"].includes(property.type)) paths.push(`{${path}}`);
  }
  return paths;
}
