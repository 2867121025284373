// Those who run the shop work at their desks, and customers see what they did.
import assert from 'node:assert/strict';

import { call, courier, order, parcelOf, reached, register, signIn } from './api.mjs';
import { visitor } from './browser.mjs';
import { atDesk, enter, follow, heading, press, reaches } from './shopping.mjs';
import { visit } from './visit.mjs';

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with JavaScript' : 'without JavaScript';

  visit(`a merchant changes a price, and the shop shows it, ${how}`, { javaScriptEnabled }, async ({ page }) => {
    const { id, sku, archive } = await product('Brass bell');
    await atDesk(page, 'merchant', '/desk');
    await page.goto(`/desk/products/${id}`);
    const price = page.getByLabel(`${sku}, EUR`);
    assert.equal(await price.inputValue(), '9.00');
    await price.fill('much');
    await press(page, 'Save prices');
    await page.getByRole('alert').getByText('Enter an amount such as 49.99').waitFor();
    assert.equal(await price.inputValue(), 'much');
    await price.fill('8.50');
    await press(page, 'Save prices');
    await page.getByText('The prices are saved.').waitFor();
    assert.equal(await price.inputValue(), '8.50');
    await follow(page, 'See it in the shop');
    await heading(page, 'Brass bell');
    await shows(page, '€8.50');
    await archive();
  });

  visit(`a merchant imports a file, and sees which row is refused, ${how}`, { javaScriptEnabled }, async ({ page }) => {
    await atDesk(page, 'merchant', '/desk');
    await follow(page, 'Imports');
    await press(page, 'Start the import');
    await page.getByRole('alert').getByText('Choose a file, or paste its rows').waitFor();
    // Without a price they stay drafts, which other tests do not see.
    const rows = Array.from({ length: 40 }, (_, row) => `Draft hat ${row},HAT-${javaScriptEnabled}-${Date.now()}-${row}`);
    const buffer = Buffer.from(['title,sku', ...rows, ',HAT-WITHOUT-A-TITLE'].join('\r\n'));
    await page.getByLabel('CSV file').setInputFiles({ name: 'hats.csv', mimeType: 'text/csv', buffer });
    await press(page, 'Start the import');
    await heading(page, 'Import');
    await page.getByText('The import is finished.').waitFor();
    await page.getByRole('row', { name: /^42 / }).waitFor();
    assert.match(await page.locator('.figures').innerText(), /Imported\s+40\s+Refused\s+1\s/);
  });

  visit(`a courier hands over with the PIN, and the customer sees it, ${how}`, { javaScriptEnabled }, async ({ page }) => {
    const account = await register();
    const id = await order(account.token, 'TOWELS-LINEN', 'pm_card_visa', 'confirmed');
    const parcel = await parcelOf(id);
    await atOrder(page, account, id);
    await heading(page, 'Thank you. We are packing your parcel.');

    await worker({ javaScriptEnabled }, 'courier', '/deliveries', async desk => {
      await desk.goto(`/deliveries/${parcel.id}`);
      await press(desk, 'Take over');
      await press(desk, 'Dispatch');
      await desk.getByLabel('PIN of the customer').waitFor();
      await reaches(page, 'On its way to you', javaScriptEnabled);
      const pin = (await page.locator('.pin').innerText()).replaceAll(/\D/g, '');
      await desk.getByLabel('PIN of the customer').fill(pin.replace(/^./, first => (first === '0' ? '1' : '0')));
      await press(desk, 'Delivered');
      await desk.getByRole('alert').getByText('The PIN is wrong.').waitFor();
      // Couriers read it aloud in groups, and enter it so.
      await desk.getByLabel('PIN of the customer').fill(`${pin.slice(0, 3)} ${pin.slice(3)}`);
      await press(desk, 'Delivered');
      await desk.getByRole('link', { name: 'Next parcel' }).waitFor();
    });
    await heading(page, 'Delivered'); // By itself: without JavaScript the page reloads itself, too.
  });
}

visit('support refunds a part of an order, and the customer sees it', {}, async ({ page }) => {
  const account = await register();
  const id = await order(account.token, 'TOWELS-LINEN', 'pm_card_visa', 'confirmed');
  await courier(id, 'dispatch');
  await courier(id, 'delivery', {});
  await reached(account.token, id, 'delivered');
  await atOrder(page, account, id);
  await heading(page, 'Delivered');

  await worker({}, 'support', '/support', async desk => {
    await desk.getByLabel('Order, shipment or e-mail address').fill(account.email);
    await press(desk, 'Find');
    await desk.locator(`a[href="/support/orders/${id}"]`).click();
    await heading(desk, `Order of ${account.name}`);
    await desk.getByLabel('Amount in EUR').fill('1000000');
    await press(desk, 'Refund');
    await desk.getByRole('alert').getByText('Enter a reason').waitFor();
    assert.equal(await desk.getByLabel('Amount in EUR').inputValue(), '1000000');
    await desk.getByLabel('Reason').fill('One towel has a stain.');
    await press(desk, 'Refund');
    await desk.getByRole('alert').getByText('Enter an amount of at most').waitFor();
    await desk.getByLabel('Amount in EUR').fill('3.20');
    await press(desk, 'Refund');
    await desk.getByText('The refund was asked for.').waitFor();
    await shows(desk, 'Refunded', desk.locator('tbody th').getByText('Refunded', { exact: true }));
  });
  await shows(page, 'Refunded on', page.locator('.sum dt').getByText(/^Refunded on/));
  assert.match(await page.locator('.sum').innerText(), /3\.20/);
});

visit('a customer is told that the desks are not for customers', {}, async ({ page }) => {
  const account = await register();
  await page.goto('/sign-in?next=/account');
  await enter(page, account);
  const refusals = { '/desk': 'for merchants', '/desk/products': 'for merchants', '/deliveries': 'for couriers', '/support': 'for support' };
  for (const [path, text] of Object.entries(refusals)) {
    const reply = await page.goto(path);
    assert.equal(reply.status(), 403, path);
    await heading(page, 'You cannot see this page.');
    await page.getByText(`This page is ${text}.`).waitFor();
  }
});

/** A new product for 9 €, and how it leaves the shop again. */
async function product(title) {
  const token = await signIn('merchant@souk.example');
  const sku = `${title.slice(0, 5).toUpperCase()}-${Date.now()}`;
  const variants = [{ sku, prices: [{ amount: 900, currency: 'EUR' }] }];
  const { id } = await call('POST', '/v1/products', { token, body: { title, status: 'published', variants } });
  return { id, sku, archive: () => call('DELETE', `/v1/products/${id}`, { token }) };
}

/** A customer opens the page of an order. */
async function atOrder(page, account, id) {
  await page.goto(`/sign-in?next=/orders/${id}`);
  await enter(page, account);
  await page.waitForURL(url => url.pathname === `/orders/${id}`);
}

/** Someone works at a desk in a browser of their own, which is watched as that of the visitor. */
async function worker(options, role, desk, work) {
  const { context, page, problems } = await visitor(options);
  try {
    await atDesk(page, role, desk);
    await work(page);
    assert.deepEqual(problems, []);
  } finally {
    await context.close();
  }
}

/** Reloads a page until it shows something that another function tells it. */
async function shows(page, text, place = page.getByText(text).first()) {
  const deadline = Date.now() + 30_000;
  while (!(await place.isVisible()) && Date.now() < deadline) await page.reload();
  assert.ok(await place.isVisible(), `${page.url()} shows ${text}`);
}
