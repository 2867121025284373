// What a page weighs, compressed, in kB.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { call } from './api.mjs';
import { chooseMethod, goToPayment, heading, orderAndPay, putLampIntoBasket } from './shopping.mjs';
import { visit } from './visit.mjs';
import { firstView, sum, weighed } from './weight.mjs';

const kB = 1000;
const limits = { stylesheet: 9 * kB, script: 18 * kB, font: 31 * kB };
const screens = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 900 } };

async function lamp() {
  const { items } = await call('GET', '/v1/products/search?q=fold+desk+lamp');
  return `/products/${items[0].id}`;
}

const pages = { home: { path: () => '/', html: 12 * kB }, product: { path: lamp, html: 14 * kB } };
for (const [name, { path, html }] of Object.entries(pages)) {
  for (const [screen, size] of Object.entries(screens)) {
    test(`the first view of ${name} on a ${screen} is at most 120 kB in 20 requests`, async t => {
      const requests = await firstView(await path(), size);
      const all = sum(requests, request => request.all);
      t.diagnostic(`${requests.length} requests, ${all} bytes`);
      assert.ok(requests.length <= 20, `${requests.length} requests: ${requests.map(request => request.path)}`);
      assert.ok(all <= 120 * kB, `${all} bytes: ${JSON.stringify(requests)}`);
      within(requests, { document: html, ...limits }, t);
      assert.deepEqual(requests.filter(request => request.kind === 'script'), [], 'a page that does not move has no script');
    });
  }
}

visit('the page of an order has one script, within its budget', {}, async ({ page }, t) => {
  await putLampIntoBasket(page);
  await goToPayment(page);
  await chooseMethod(page);
  const replies = [];
  page.on('response', reply => replies.push(reply));
  await orderAndPay(page);
  await heading(page, 'Thank you. We are packing your parcel.');
  const scripts = await Promise.all(replies.filter(reply => reply.request().resourceType() === 'script').map(weighed));
  assert.equal(scripts.length, 1);
  within(scripts, limits, t);
});

test('a picture of the shop is at most 4 kB', async () => {
  const requests = await firstView('/search', screens.desk);
  const pictures = requests.filter(request => request.kind === 'image' && request.path.startsWith('/pictures/'));
  assert.ok(pictures.length > 4, `${pictures.length} pictures`);
  assert.deepEqual(pictures.filter(picture => picture.body > 4 * kB), []);
});

function within(requests, limits, t) {
  for (const [kind, limit] of Object.entries(limits)) {
    const bytes = sum(requests.filter(request => request.kind === kind), request => request.body);
    t.diagnostic(`${kind}: ${bytes} bytes`);
    assert.ok(bytes <= limit, `${kind}: ${bytes} bytes, and not at most ${limit}`);
  }
}
