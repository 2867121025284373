// Buys something with the client that is generated from docs/openapi.json: `node buy.js http://localhost:3000`.
import { client } from "./client/client.gen";
import * as souk from "./client/sdk.gen";

const [baseUrl] = process.argv.slice(2);
if (!baseUrl) throw new Error("which address?");
client.setConfig({ baseUrl });

/** The body of a reply; a problem ends the program. */
function made<T>(answer: { data?: T; error?: unknown; response?: Response }): T {
  if (answer.data === undefined) throw new Error(`${answer.response?.status}: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

/** Asks again until the answer is right. */
async function until<T>(ask: () => Promise<T>, right: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (right(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`it stays ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const key = () => ({ "Idempotency-Key": crypto.randomUUID() });

async function main(): Promise<void> {
  const guest = made(await souk.createGuest());
  client.setConfig({ baseUrl, auth: () => guest.accessToken });

  const cart = made(await souk.createCart({ headers: key(), body: { currency: "EUR" } }));
  const path = { cartId: cart.id };
  const sku = "LAMP-FOLD-RED";
  made(await souk.putItem({ path: { ...path, sku }, body: { quantity: 2 } }));
  const options = made(await souk.listShippingOptions({ path, query: { country: "GB" } }));
  const address = {
    name: "Ada Lovelace", line1: "12 St James Square", city: "London", postcode: "SW1Y 4JH", country: "GB",
  };
  made(await souk.setShipping({ path, body: { address, option: options.items[0]!.id } }));
  const quote = made(await souk.createQuote({ path }));

  // A wrong quantity is a problem that the client knows by its type.
  const wrong = await souk.putItem({ path: { ...path, sku }, body: { quantity: 0 } });
  if (wrong.error === undefined || !("type" in wrong.error) || wrong.error.type !== "/problems/invalid-input") {
    throw new Error(`a problem without its type: ${JSON.stringify(wrong.error)}`);
  }

  const body = { quote: quote.quote, paymentMethod: "pm_card_visa" };
  const order = made(await souk.placeOrder({ headers: key(), body }));
  const ask = async () => made(await souk.getOrder({ path: { orderId: order.id } }));
  const confirmed = await until(ask, ({ status }) => status === "confirmed");
  console.log(`TypeScript: ${confirmed.id} is ${confirmed.status}: ${confirmed.totals.total.amount} ${confirmed.totals.total.currency}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
