// What another site, a thief of cookies and hostile text can do: nothing.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';

import { base, order, register } from './api.mjs';
import { chooseMethod, enter, enterAddress, follow, heading, orderAndPay, press, putLampIntoBasket, reaches } from './shopping.mjs';
import { visit } from './visit.mjs';

const hostile = '"><script>alert(1)</script>';
const name = '__Host-souk';

/** The status and the headers of a request with exactly these headers. */
function send(method, path, headers = {}, form) {
  const body = form && new URLSearchParams(form).toString();
  const type = body && { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request(base() + path, { method, headers: { ...type, ...headers } }, reply => {
      reply.resume();
      reply.on('end', () => resolve({ status: reply.statusCode, headers: reply.headers }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const cookieOf = async context => (await context.cookies()).find(cookie => cookie.name === name)?.value;

visit('a form without an origin, with a foreign one or without the secret of its session is refused', {}, async ({ page, context }) => {
  await putLampIntoBasket(page);
  const cookie = `${name}=${await cookieOf(context)}`;
  const fields = await page.locator('form.qty input').evaluateAll(all => Object.fromEntries(all.map(one => [one.name, one.value])));
  const origin = base();
  const status = async (headers, form = fields) => (await send('POST', '/basket', { cookie, ...headers }, form)).status;
  assert.equal(await status({}), 403, 'no origin');
  assert.equal(await status({ origin: 'https://evil.example' }), 403, 'a foreign origin');
  assert.equal(await status({ origin: 'null' }), 403, 'the origin of a sandboxed frame');
  assert.equal(await status({ origin: `${origin}.evil.example` }), 403, 'an origin that begins as ours');
  assert.equal(await status({ 'sec-fetch-site': 'cross-site' }), 403, 'another site');
  assert.equal(await status({ 'sec-fetch-site': 'same-site' }), 403, 'another host of this site');
  assert.equal(await status({ origin }, { ...fields, csrf: '' }), 403, 'no secret');
  assert.equal(await status({ origin }, { ...fields, csrf: fields.csrf.replace(/^./, first => (first === '0' ? '1' : '0')) }), 403, 'another secret');
  assert.equal(await status({ origin }), 303, 'the form itself');
  assert.equal(await status({ 'sec-fetch-site': 'same-origin' }), 303, 'a browser that sends no origin');
});

test('forms that need no session are refused without an origin, too', async () => {
  for (const path of ['/sign-in', '/register', '/currency']) {
    assert.equal((await send('POST', path, {}, { email: 'a@souk.example' })).status, 403, path);
    assert.equal((await send('POST', path, { origin: 'https://evil.example' }, { email: 'a@souk.example' })).status, 403, path);
  }
});

visit('signing in changes the session, and signing out ends it for a thief', {}, async ({ page, context }) => {
  const account = await register();
  await putLampIntoBasket(page);
  const guest = await cookieOf(context);
  await page.goto('/sign-in?next=/account');
  await enter(page, account);
  await heading(page, 'Account');
  const stolen = await cookieOf(context);
  assert.notEqual(stolen, guest);
  const opens = async value => {
    const { status, headers } = await send('GET', '/account', { cookie: `${name}=${value}` });
    return status === 200 || headers.location;
  };
  assert.equal(await opens(guest), '/sign-in?next=%2Faccount', 'a cookie that was planted before');
  assert.equal(await opens(stolen), true);
  await press(page, 'Sign out');
  assert.equal(await cookieOf(context), undefined);
  assert.equal(await opens(stolen), '/sign-in?next=%2Faccount', 'a cookie that was stolen');
});

visit('the cookie is for this host and for no script, and the browser stores no token', {}, async ({ page, context }) => {
  await putLampIntoBasket(page);
  const [cookie] = (await context.cookies()).filter(cookie => cookie.name === name);
  const { httpOnly, secure, sameSite, path } = cookie;
  assert.deepEqual({ httpOnly, secure, sameSite, path }, { httpOnly: true, secure: true, sameSite: 'Lax', path: '/' });
  const stored = await page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length]);
  assert.deepEqual(stored, ['', 0, 0]);
  assert.doesNotMatch(await page.content(), /eyJ[\w-]+\.[\w-]+\./, 'a token in the page');
});

for (const next of ['https://evil.example/', '//evil.example/', '/\\evil.example/', 'javascript:alert(1)', '/%0d%0aset-cookie:%20a=b', '/account']) {
  visit(`after signing in with next=${next} the visitor is in the shop`, {}, async ({ page, context }) => {
    const account = await register();
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await enter(page, account);
    assert.equal(new URL(page.url()).origin, base());
    assert.ok(await cookieOf(context));
  });
}

visit('another customer sees neither the order nor the address of the first one', {}, async ({ page }) => {
  const [owner, other] = await Promise.all([register(), register()]);
  const id = await order(owner.token, 'TOWELS-LINEN', 'pm_card_visa', 'confirmed');
  await page.goto('/sign-in?next=/orders');
  await enter(page, other);
  const reply = await page.goto(`/orders/${id}`);
  assert.equal(reply.status(), 404);
  assert.ok(!(await page.content()).includes('Torstraße'));
});

/** Fills every text field of the page's main part, and sends the form of the first one. */
async function fillHostile(page, button) {
  const fields = page.locator('main').locator('input[type=text], input[type=email], input[type=password], input[type=search]');
  for (const field of await fields.all()) if (await field.isVisible()) await field.fill(hostile);
  await press(page, button);
}

visit('hostile text in any field of the shop is text', {}, async ({ page }) => {
  await page.goto('/');
  await page.getByRole('searchbox').fill(hostile);
  await press(page, 'Search');
  assert.equal(await page.getByRole('searchbox').inputValue(), hostile);
  await page.goto(`/search?q=lamp&minPrice=${encodeURIComponent(hostile)}&colour=${encodeURIComponent(hostile)}&sort=${encodeURIComponent(hostile)}`);
  await page.goto(`/aisles/${encodeURIComponent(hostile)}`);
  await page.goto(`/products/${encodeURIComponent(hostile)}`);
  await page.goto(`/sign-in?next=${encodeURIComponent(hostile)}`);
  await fillHostile(page, 'Sign in');
  await page.goto('/register');
  await fillHostile(page, 'Register');
  await putLampIntoBasket(page);
  await fillHostile(page, 'Apply');
  await page.goto('/checkout/address');
  await enterAddress(page);
  for (const label of ['Full name', 'Street and number', 'Floor, company, care of', 'Town or city']) await page.getByLabel(label).fill(hostile);
  await press(page, 'Continue to shipping');
  await press(page, 'Continue to payment');
  await chooseMethod(page);
  await page.getByText(hostile).first().waitFor();
  await orderAndPay(page);
  await heading(page, 'Thank you. We are packing your parcel.');
  await page.getByText(hostile).first().waitFor();
  await page.getByText('Cancel this order').click();
  await fillHostile(page, 'Cancel the order');
  await reaches(page, 'Cancelled at your request', true);
  await page.getByText(hostile).first().waitFor();
});

visit('hostile text in any field of an account is text', {}, async ({ page }) => {
  const account = await register(hostile);
  await page.goto('/sign-in?next=/account');
  await enter(page, account);
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), hostile);
  await fillHostile(page, 'Save');
  await page.goto('/account/addresses/new');
  await fillHostile(page, 'Save the address');
  await page.getByLabel('Country').selectOption('DE');
  await press(page, 'Change country');
  await page.getByLabel('Postcode').fill('10115');
  await press(page, 'Save the address');
  await page.waitForURL(url => url.pathname === '/account/addresses');
  await page.getByText(hostile).first().waitFor();
  await putLampIntoBasket(page);
  await follow(page, 'Go to checkout');
  await page.getByText(hostile).first().waitFor();
});
