// The contract as a page: operations by service, their parameters, schemas and problems, and a way to try them.

import { element } from "./element.js";
import { fill, filled, look, remember } from "./seen.js";
import { example, resolve, shown } from "./schema.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
const PASSWORD = "souk-demo-password";
const at = (id) => document.getElementById(id);

let contract;

start().catch((error) => at("operations").replaceChildren(element("p", { class: "bad" }, [`The contract cannot be read: ${error.message}`])));

async function start() {
  contract = await (await fetch("/openapi.json")).json();
  await look();
  // Operations share error responses. Each shows its own.
  for (const operation of Object.values(contract.paths).flatMap(Object.values)) {
    for (const [status, { $ref }] of Object.entries(operation.responses)) {
      if ($ref) operation.responses[status] = contract.components.responses[$ref.split("/").at(-1)];
    }
  }
  at("version").textContent = contract.info.version;
  at("description").textContent = contract.info.description.replaceAll("`", "");
  const operations = Object.entries(contract.paths).flatMap(([path, methods]) =>
    METHODS.filter((method) => methods[method]).map((method) => ({ path, method, ...methods[method] })));
  const services = contract.tags.map(({ name }) => ({ name, operations: operations.filter((one) => one.tags.includes(name)) }));
  at("index").replaceChildren(...services.map(indexOf));
  at("operations").replaceChildren(...services.map(section));
  at("find").addEventListener("input", find);
  at("token").value = sessionStorage.getItem("token") ?? "";
  at("token").addEventListener("input", () => sessionStorage.setItem("token", at("token").value));
  at("account").addEventListener("change", signIn);
  at("caller").addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", openNamed);
  openNamed();
}

function indexOf({ name, operations }) {
  const links = operations.map((one) => element("li", { "data-text": textOf(one) }, [
    element("a", { href: `#${one.operationId}`, title: one.summary }, [
      element("span", { class: `method ${one.method}` }, [`${one.method.toUpperCase()} `]), one.path,
    ]),
  ]));
  return element("section", {}, [element("h2", {}, [name]), element("ul", {}, links)]);
}

function section({ name, operations }) {
  return element("section", {}, [element("h2", {}, [name]), ...operations.map(card)]);
}

function textOf(one) {
  return `${one.method} ${one.path} ${one.summary} ${one.operationId} ${one.tags}`.toLowerCase();
}

/** An operation: a line, and all the rest once it is opened. */
function card(one) {
  const details = element("details", { class: "operation", id: one.operationId, "data-text": textOf(one) }, [
    element("summary", {}, [
      element("span", { class: `method ${one.method}` }, [one.method.toUpperCase()]),
      element("h3", {}, [one.path]),
      element("p", {}, [one.summary]),
      element("span", { class: "tag" }, [one.security.length ? "token" : "public"]),
    ]),
  ]);
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(inside(one));
  });
  return details;
}

function inside(one) {
  const content = one.requestBody?.content ?? {};
  const [first] = Object.keys(content);
  const body = content[first];
  const inputs = (one.parameters ?? []).map((parameter) => field(parameter));
  const text = body && element("textarea", { spellcheck: "false", "aria-label": "Body" }, [prefilled(one, content[first])]);
  const media = body && element("select", { "aria-label": "Media type" },
    Object.keys(content).map((kind) => element("option", { value: kind }, [kind])));
  media?.addEventListener("change", () => { text.value = prefilled(one, content[media.value]); });
  const answer = element("div", { class: "answer", role: "status", "aria-live": "polite" });
  const send = element("button", { type: "button" }, ["Send"]);
  send.addEventListener("click", async () => {
    send.disabled = true;
    answer.replaceChildren(...await attempt(one, inputs, media?.value, text?.value));
    send.disabled = false;
  });
  return element("div", { class: "inside" }, [
    element("p", {}, [one.description.replaceAll("`", "")]),
    inputs.length && heading("Parameters"),
    inputs.length && element("div", { class: "fields" }, inputs.map((input) => input.label)),
    body && heading("Body"),
    body && (Object.keys(content).length > 1 ? element("p", {}, [media]) : element("p", { class: "note" }, [first])),
    body && element("div", { class: "pair" }, [text, shown(contract, body.schema)]),
    element("div", { class: "try" }, [send]),
    answer,
    heading("Answers"),
    ...Object.entries(one.responses).map(([status, response]) => success(status, response)).filter(Boolean),
    heading("Problems"),
    element("dl", {}, Object.entries(one.responses).filter(([status]) => status >= 300)
      .flatMap(([status, response]) => [element("dt", {}, [status]), element("dd", {}, meanings(response.description))])),
  ].filter(Boolean));
}

function heading(text) {
  return element("h4", {}, [text]);
}

function success(status, response) {
  if (status >= 300) return null;
  const schema = Object.values(response.content ?? {})[0]?.schema;
  return element("div", {}, [
    element("dl", {}, [element("dt", { class: "ok" }, [status]), element("dd", {}, [response.description])]),
    schema && shown(contract, schema),
  ]);
}

/** The body of the example, with ids that were seen here. What has to be unique is made unique. */
function prefilled(one, { example: given, schema }) {
  if (typeof given === "string") return fill(one, given);
  return fill(one, JSON.stringify(given ?? example(contract, schema), null, 2));
}

/** A description of problems: the types lead to their pages. */
function meanings(description) {
  const [reason, ...lines] = description.split("\n").filter(Boolean);
  const line = (text) => element("li", {}, text.replace(/^- /, "").split(/(`[^`]*`)/).map((part) => {
    const name = part.startsWith("`") ? part.slice(1, -1) : "";
    if (name.startsWith("/problems/")) return element("a", { href: name }, [name.replace("/problems/", "")]);
    return name ? element("code", {}, [name]) : part;
  }));
  return [reason, lines.length && element("ul", {}, lines.map(line))].filter(Boolean);
}

/** An input for a parameter: a choice if its values are known. Without a key, each request gets a new one. */
function field(parameter) {
  const { schema } = resolve(contract, parameter.schema);
  const isKey = parameter.name === "Idempotency-Key";
  const isNeeded = parameter.in === "path" || parameter.required && !isKey;
  const value = isNeeded ? filled(parameter, schema) : parameter.name === "If-Match" ? "*" : "";
  const input = schema.enum
    ? element("select", {}, ["", ...schema.enum].map((one) => element("option", { value: one, selected: one === value }, [one])))
    : element("input", {
      value, spellcheck: "false", autocomplete: "off", required: parameter.required && !isKey,
      placeholder: isKey ? "a new value for each request" : parameter.example ?? schema.pattern ?? schema.type ?? "",
    });
  const label = element("label", {}, [
    element("span", {}, [
      element("b", {}, [parameter.name]), parameter.required ? element("i", { title: "required" }, [" *"]) : "", ` ${parameter.in}`,
    ]),
    input,
    parameter.description && element("span", {}, [parameter.description.replaceAll("`", "")]),
  ]);
  return { parameter, input, label };
}

/** Sends what was filled in, and shows what came back. */
async function attempt(one, inputs, media, body) {
  let path = one.path;
  const query = new URLSearchParams();
  const headers = { accept: "application/json" };
  for (const { parameter: { name, in: place }, input: { value } } of inputs) {
    if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (value && place === "query") query.set(name, value);
    else if (place === "header" && (value || name === "Idempotency-Key")) headers[name] = value || crypto.randomUUID();
  }
  if (at("token").value) headers.authorization = `Bearer ${at("token").value}`;
  if (body) headers["content-type"] = media;
  const began = performance.now();
  try {
    const address = query.size ? `${path}?${query}` : path;
    const response = await fetch(address, { method: one.method.toUpperCase(), headers, body: body || undefined });
    const text = await response.text();
    if (response.ok) remember(text);
    const took = Math.round(performance.now() - began);
    const shownHeaders = ["location", "etag", "link", "retry-after", "idempotency-replayed", "x-request-id"];
    const said = shownHeaders.filter((name) => response.headers.has(name)).map((name) => `${name}: ${response.headers.get(name)}`);
    return [
      element("p", { class: response.ok ? "ok" : "bad" }, [`${response.status} ${response.statusText} in ${took} ms`]),
      element("pre", { tabindex: "0" }, [[...said, "", pretty(text)].join("\n").trim()]),
    ];
  } catch (error) {
    return [element("p", { class: "bad" }, [`No answer: ${error.message}`])];
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Takes a token for a demo account or a new guest. */
async function signIn() {
  const role = at("account").value;
  if (!role) return;
  const post = (path, body) => fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": crypto.randomUUID() },
    body: JSON.stringify(body),
  });
  const response = role === "guest"
    ? await post("/v1/guests", {})
    : await post("/v1/sessions", { email: `${role}@souk.example`, password: PASSWORD });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) {
    at("token").value = answer.accessToken;
    sessionStorage.setItem("token", answer.accessToken);
    at("who").textContent = `Calling as ${role}, for ${Math.round(answer.expiresIn / 60)} minutes.`;
  } else {
    at("who").textContent = `No token: ${response.status} ${answer.title ?? ""}`;
  }
}

function find() {
  const words = at("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const one of document.querySelectorAll("[data-text]")) {
    one.hidden = !words.every((word) => one.dataset.text.includes(word));
  }
  for (const section of document.querySelectorAll("#index section, #operations section")) {
    section.hidden = !section.querySelector("[data-text]:not([hidden])");
  }
}

/** Opens the operation that the address names. */
function openNamed() {
  const named = at(decodeURIComponent(location.hash.slice(1)));
  if (named?.matches("details.operation")) {
    named.open = true;
    named.scrollIntoView();
    named.querySelector("summary").focus({ preventScroll: true });
  }
}
