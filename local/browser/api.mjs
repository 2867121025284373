// What happens outside of the browser under test: the API, as a courier, a merchant and a customer call it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

export const base = () => process.env.SOUK_URL.replace(/\/$/, '');
export const demoPassword = 'souk-demo-password';

/** The answer of the API, which must be a success. */
export async function call(method, path, { token, body, headers } = {}) {
  const sent = { accept: 'application/json', 'idempotency-key': randomUUID(), ...headers };
  if (token) sent.authorization = `Bearer ${token}`;
  if (body) sent['content-type'] = 'application/json';
  const reply = await fetch(base() + path, { method, headers: sent, body: body && JSON.stringify(body) });
  const text = await reply.text();
  assert.ok(reply.ok, `${method} ${path}: ${reply.status} ${text}`);
  return text && JSON.parse(text);
}

/** The token of an account. */
export async function signIn(email, password = demoPassword) {
  return (await call('POST', '/v1/sessions', { body: { email, password } })).accessToken;
}

/** A new account, with an address. */
export async function register(name = 'Ada Lovelace') {
  const account = { name, email: `ada-${randomUUID()}@souk.example`, password: 'a long enough passphrase' };
  await call('POST', '/v1/users', { body: account });
  return { ...account, token: await signIn(account.email, account.password) };
}

export const berlin = { name: 'Ada Lovelace', line1: 'Torstraße 12', postcode: '10115', city: 'Berlin', country: 'DE' };

/** Saves an address of an account. */
export const saveAddress = (token, address = berlin) => call('POST', '/v1/me/addresses', { token, body: { address, default: true } });

/** A signed quote for some of a SKU. */
export async function quote(token, sku, quantity = 1) {
  const cart = await call('POST', '/v1/carts', { token, body: { currency: 'EUR' } });
  await call('PUT', `/v1/carts/${cart.id}/items/${sku}`, { token, body: { quantity } });
  await call('PUT', `/v1/carts/${cart.id}/shipping`, { token, body: { option: 'standard', address: berlin } });
  return (await call('POST', `/v1/carts/${cart.id}/quote`, { token })).quote;
}

/** Places an order for a quote. Returns its id. */
export async function place(token, signed, paymentMethod = 'pm_card_visa') {
  return (await call('POST', '/v1/orders', { token, body: { quote: signed, paymentMethod } })).id;
}

/** Orders a SKU, and waits until the order has a status. Returns its id. */
export async function order(token, sku, paymentMethod, status) {
  const id = await place(token, await quote(token, sku), paymentMethod);
  await reached(token, id, status);
  return id;
}

/** Waits until an order has a status. */
export async function reached(token, id, ...statuses) {
  const found = () => call('GET', `/v1/orders/${id}`, { token });
  return until(`${id} is ${statuses}`, async () => {
    const order = await found();
    return statuses.includes(order.status) && order;
  });
}

let couriers;
const courierToken = () => (couriers ??= signIn('courier@souk.example'));

/** The parcel of an order, once there is one. */
export async function parcelOf(orderId) {
  const token = await courierToken();
  return until(`${orderId} has a parcel`, async () => (await call('GET', `/v1/shipments?orderId=${orderId}`, { token })).items[0]);
}

/** What the courier does with the parcel of an order: `dispatch`, `delivery`, `failure`. */
export async function courier(orderId, action, body) {
  const { id } = await parcelOf(orderId);
  await call('POST', `/v1/shipments/${id}/${action}`, { token: await courierToken(), body });
}

/** Asks until the answer is something. Only for the API: a page is waited for by what it shows. */
export async function until(what, ask) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`not within 30 s: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

/** Waits until a new stack has put its products on the shelves. */
export async function stocked() {
  await until('search finds the products', async () => (await call('GET', '/v1/products/search?q=lambswool+throw')).total > 0);
  await until('the first page shows the products', async () => {
    const { departments, newest } = await call('GET', '/v1/pages/home');
    return departments.length === 4 && departments.every(({ aisles }) => !aisles || aisles.length > 0) && newest.length > 0;
  });
}
