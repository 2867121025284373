// What replies have shown on this page, so that the next request can name it: ids, SKUs, quotes, refresh tokens.

const KEY = "seen";
const ID = /\b([a-z]{3})_[0-9a-f]{32}\b/g;
// These fields are remembered by their name.
const FIELDS = ["sku", "quote", "refreshToken", "claim", "email"];
// The examples of these operations create something whose name must be new.
const CREATE = ["create-product", "import-products", "create-promotion", "register-user"];
const FRESH = /\b(LAMP|BULB|STOOL|ROW|SPRING)[A-Z0-9-]*\b/g;

const seen = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");

/** Remembers what a reply shows: the first of each kind, because a reply begins with its own id. */
export function remember(text) {
  let reply;
  try {
    reply = JSON.parse(text);
  } catch {
    return;
  }
  const found = {};
  visit(reply, found);
  Object.assign(seen, found);
  sessionStorage.setItem(KEY, JSON.stringify(seen));
}

/** Looks at a product, so that there is a SKU to begin with. */
export async function look() {
  const response = await fetch("/v1/products?limit=1");
  if (response.ok) remember(await response.text());
}

function visit(value, found) {
  if (value === null || typeof value !== "object") return;
  for (const [name, part] of Object.entries(value)) {
    if (typeof part !== "string") continue;
    const kind = /^([a-z]{3})_[0-9a-f]{32}$/.exec(part)?.[1];
    if (kind && (name === "id" || name.endsWith("Id"))) found[kind] ??= part;
    if (FIELDS.includes(name)) found[name] ??= part;
  }
  for (const part of Object.values(value)) visit(part, found);
}

/** The value of a parameter: what was seen last, or the example. */
export function filled(parameter, schema) {
  const kind = /^\^([a-z]{3})_/.exec(schema.pattern ?? "")?.[1];
  return seen[kind] ?? seen[parameter.name] ?? parameter.example ?? "";
}

/** An example with what was seen last in its place. */
export function fill(one, text) {
  let made = text.replace(ID, (id, kind) => seen[kind] ?? id);
  for (const name of FIELDS.filter((name) => !["sku", "email"].includes(name) || !CREATE.includes(one.operationId))) {
    if (seen[name]) made = made.replace(new RegExp(`("${name}": )"[^"]*"`, "g"), (_, field) => `${field}${JSON.stringify(seen[name])}`);
  }
  if (!CREATE.includes(one.operationId)) return made;
  const number = Math.floor(Math.random() * 1e6);
  return made.replace(FRESH, (name) => `${name}${number}`).replace(/"email": "[^"@]*@/, `"email": "user${number}@`);
}
