// Schemas, for people: a tree to look at, and an example to start from.

import { element } from "./element.js";

/** Follows references; answers the schema and its name. */
export function resolve(contract, schema) {
  let name;
  while (schema?.$ref) {
    name = schema.$ref.split("/").at(-1);
    schema = contract.components.schemas[name];
  }
  return { schema: schema ?? {}, name };
}

/** What is left of a choice when null is no choice: an optional field. */
function choices(schema) {
  const all = schema.anyOf ?? schema.oneOf;
  return all?.filter((one) => one.type !== "null");
}

function kind(contract, given) {
  const { schema, name } = resolve(contract, given);
  const some = choices(schema);
  if (some?.length === 1) return kind(contract, some[0]);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (some?.every((one) => one.const !== undefined || one.enum)) return some.map((one) => kind(contract, one)).join(" | ");
  if (some) return name ?? some.map((one) => kind(contract, one)).join(" | ");
  const types = [schema.type ?? "any"].flat().filter((type) => type !== "null");
  if (types.includes("array")) return `list of ${kind(contract, schema.items)}`;
  const bare = types.join(" or ");
  return name && name !== bare ? `${name} (${bare})` : bare;
}

function bounds(schema) {
  const said = {
    minLength: "at least %s long", maxLength: "at most %s long", minimum: "from %s", maximum: "to %s",
    minItems: "at least %s", maxItems: "at most %s", pattern: "like %s", format: "%s", default: "default %s",
  };
  // An empty default, or one that is a list or an object, tells nothing.
  const texts = Object.entries(said).filter(([key]) => schema[key] !== "" && ["string", "number"].includes(typeof schema[key]));
  return texts.map(([key, text]) => text.replace("%s", () => schema[key])).join(", ");
}

/** A schema as a tree. Objects within open where they are met; what contains itself is named. */
export function tree(contract, given, above = []) {
  const { schema, name } = resolve(contract, given);
  const some = choices(schema);
  if (some?.length === 1) return tree(contract, some[0], above);
  if (schema.type === "array" || [schema.type].flat().includes("array")) return tree(contract, schema.items ?? {}, above);
  if (name && above.includes(name)) return null;
  const within = name ? [...above, name] : above;
  if (some) {
    const parts = some.map((one) => ({ label: kind(contract, one), inner: tree(contract, one, within) }));
    if (parts.every((part) => !part.inner)) return null;
    return element("ul", {}, parts.map(({ label, inner }) => element("li", {}, ["or ", element("span", { class: "kind" }, [label]), inner])));
  }
  if (!schema.properties) return null;
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties).map(([field, value]) => {
    const of = resolve(contract, value).schema;
    const description = (value.description ?? of.description)?.replaceAll("`", "").replace(/\.$/, "");
    const notes = [description, bounds({ ...of, ...value })].filter(Boolean).join("; ");
    const line = [
      field, required.has(field) ? "" : "?", " ", element("span", { class: "kind" }, [kind(contract, value)]),
      notes && element("span", { class: "note" }, [` — ${notes}`]),
    ];
    const inner = tree(contract, value, within);
    return element("li", {}, inner ? [element("details", { open: within.length < 2 }, [element("summary", {}, line), inner])] : line);
  });
  return element("ul", {}, fields);
}

/** A schema, shown whole. */
export function shown(contract, schema) {
  return element("div", { class: "schema" }, [
    element("span", { class: "kind" }, [kind(contract, schema)]),
    tree(contract, schema),
  ]);
}

/** A value that the schema could allow. */
export function example(contract, given, depth = 0) {
  const { schema, name } = resolve(contract, given);
  if (schema.default !== undefined && schema.default !== null) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const some = choices(schema);
  if (some?.length) return example(contract, some[0], depth);
  if (depth > 5) return null;
  switch ([schema.type].flat()[0]) {
    case "object": {
      const required = new Set(schema.required ?? []);
      const fields = Object.entries(schema.properties ?? {}).filter(([field]) => required.has(field));
      return Object.fromEntries(fields.map(([field, value]) => [field, example(contract, value, depth + 1)]));
    }
    case "array": return schema.minItems === 0 ? [] : [example(contract, schema.items ?? {}, depth + 1)];
    case "integer": case "number": return Math.max(schema.minimum ?? 1, 1);
    case "boolean": return false;
    case "string": return name === "Country" ? "GB" : "";
    default: return null;
  }
}
