// The contract as a page: operations by service, their parameters, schemas and problems, and a way to try them.

import { element } from "./element.js";
import { example, resolve, shown } from "./schema.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
const PASSWORD = "souk-demo-password";
const at = (id) => document.getElementById(id);

let contract;

start().catch((error) => at("operations").replaceChildren(element("p", { class: "bad" }, [`The contract cannot be read: ${error.message}`])));

async function start() {
  contract = await (await fetch("/openapi.json")).json();
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
  const [media, body] = Object.entries(one.requestBody?.content ?? {})[0] ?? [];
  const inputs = (one.parameters ?? []).map((parameter) => field(parameter));
  const text = body && element("textarea", { spellcheck: "false", "aria-label": "Body" }, [
    media === "application/json" ? JSON.stringify(example(contract, body.schema), null, 2) : "",
  ]);
  const answer = element("div", { class: "answer", role: "status", "aria-live": "polite" });
  const send = element("button", { type: "button" }, ["Send"]);
  send.addEventListener("click", async () => {
    send.disabled = true;
    answer.replaceChildren(...await attempt(one, inputs, media, text?.value));
    send.disabled = false;
  });
  return element("div", { class: "inside" }, [
    inputs.length && heading("Parameters"),
    inputs.length && element("div", { class: "fields" }, inputs.map((input) => input.label)),
    body && heading("Body"),
    body && element("div", { class: "pair" }, [text, shown(contract, body.schema)]),
    element("div", { class: "try" }, [send]),
    answer,
    heading("Answers"),
    ...Object.entries(one.responses).map(([status, response]) => success(status, response)).filter(Boolean),
    heading("Problems"),
    element("dl", {}, Object.entries(one.responses).filter(([, response]) => response.$ref)
      .flatMap(([status, response]) => [element("dt", {}, [status]), element("dd", {}, [response.description])])),
  ].filter(Boolean));
}

function heading(text) {
  return element("h4", {}, [text]);
}

function success(status, response) {
  if (response.$ref) return null;
  const schema = Object.values(response.content ?? {})[0]?.schema;
  return element("div", {}, [
    element("dl", {}, [element("dt", { class: "ok" }, [status]), element("dd", {}, [response.description])]),
    schema && shown(contract, schema),
  ]);
}

/** An input for a parameter. A key of one's own is made up beforehand. */
function field(parameter) {
  const { schema } = resolve(contract, parameter.schema);
  const value = parameter.name === "Idempotency-Key" ? crypto.randomUUID() : "";
  const input = element("input", {
    value, spellcheck: "false", autocomplete: "off", placeholder: schema.pattern ?? schema.enum?.join(" | ") ?? schema.type ?? "",
    required: parameter.required,
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
    else if (value && place === "header") headers[name] = value;
  }
  if (at("token").value) headers.authorization = `Bearer ${at("token").value}`;
  if (body) headers["content-type"] = media === "*/*" ? "application/json" : media;
  const began = performance.now();
  try {
    const address = query.size ? `${path}?${query}` : path;
    const response = await fetch(address, { method: one.method.toUpperCase(), headers, body: body || undefined });
    const text = await response.text();
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
