// What has happened in the shop before a tour of its pages: one customer with an order in each state, made by the API.
import { base, call, courier, order, parcelOf, place, quote, reached, register, saveAddress, signIn, until } from './api.mjs';

/** The customer, and the paths of products and orders in their states, and of a parcel that has no courier yet. */
export async function world() {
  const customer = await register();
  const { token } = customer;
  await saveAddress(token);
  await call('POST', '/v1/me/payment-methods', { token, body: { reference: 'pm_card_visa', brand: 'visa', last4: '4242' } });
  const orders = await states(token);
  const { id } = await parcelOf(await order(token, 'TOWELS-LINEN', 'pm_card_visa', 'confirmed'));
  const [soldOut, last, priceless, gone] = await Promise.all([
    product('stool', 'STOOL-BLACK'),
    product('tent', 'TENT-2-DUSK'),
    product('paper moon', 'MOON-40'),
    archived(),
  ]);
  return { customer, orders, parcel: `/deliveries/${id}`, products: { soldOut, last, priceless, gone } };
}

/** The paths of orders by state. */
async function states(token) {
  const paid = () => order(token, 'TOWELS-LINEN', 'pm_card_visa', 'confirmed');
  const make = {
    confirmed: paid,
    shipped: async () => then(await paid(), id => courier(id, 'dispatch')),
    delivered: async () =>
      then(await paid(), async id => {
        await courier(id, 'dispatch');
        await courier(id, 'delivery', {});
        await reached(token, id, 'delivered');
      }),
    cancelled: async () =>
      then(await paid(), async id => {
        await call('POST', `/v1/orders/${id}/cancellation`, { token, body: { reason: 'Ordered twice by mistake.' } });
        await reached(token, id, 'cancelled');
      }),
    declined: () => order(token, 'TOWELS-LINEN', 'pm_card_chargeDeclined', 'cancelled'),
    unanswered: () => order(token, 'TOWELS-LINEN', 'pm_sandbox_unreachable', 'reserved'),
    approval: async () =>
      then(await order(token, 'TOWELS-LINEN', 'pm_sandbox_3ds', 'reserved'), id =>
        until(`${id} waits for the customer`, async () => (await call('GET', `/v1/orders/${id}`, { token })).waitingFor?.what === 'customer'),
      ),
    outOfStock: async () => {
      const all = await received('RUG-170');
      const quotes = [await quote(token, 'RUG-170', all), await quote(token, 'RUG-170', all)];
      await reached(token, await place(token, quotes[0]), 'confirmed');
      return then(await place(token, quotes[1]), id => reached(token, id, 'cancelled'));
    },
  };
  const found = await Promise.all(Object.entries(make).map(async ([state, made]) => [state, `/orders/${await made()}`]));
  return Object.fromEntries(found);
}

/** The id, after something has been done to it. */
async function then(id, act) {
  await act(id);
  return id;
}

async function found(text) {
  const { items } = await call('GET', `/v1/products/search?q=${encodeURIComponent(text)}`);
  return items[0].id;
}

/** The path of a product with one of its variants. */
const product = async (text, sku) => `/products/${await found(text)}?sku=${sku}`;

/** Receives one more unit of a SKU. Returns how many there are. */
async function received(sku) {
  const token = await signIn('merchant@souk.example');
  await call('POST', `/v1/stock/${sku}/adjustments`, { token, body: { delta: 1, reason: 'received' } });
  return (await call('GET', `/v1/stock/${sku}`, { token })).available;
}

/** The path of a product that is no longer sold. */
async function archived() {
  const token = await signIn('merchant@souk.example');
  const variants = [{ sku: `GONE-${Date.now()}`, prices: [{ amount: 900, currency: 'EUR' }] }];
  const { id } = await call('POST', '/v1/products', { token, body: { title: 'Tin whistle', status: 'published', variants } });
  const path = `/products/${id}`;
  const isAt = status => until(`${path} is ${status}`, async () => (await fetch(base() + path)).status === status);
  await isAt(200);
  await call('DELETE', `/v1${path}`, { token });
  await isAt(410);
  return path;
}
