// Accounts, cards, and what a visitor does wrong: a second click, a card that is declined, a mouse that is missing.
import assert from 'node:assert/strict';

import { register, saveAddress } from './api.mjs';
import { chooseMethod, enter, follow, goToPayment, heading, leave, orderAndPay, orderId, press, putLampIntoBasket, reaches } from './shopping.mjs';
import { visit } from './visit.mjs';

visit('a customer buys with a saved address and a saved card', {}, async ({ page }) => {
  const account = await register();
  await saveAddress(account.token);
  await putLampIntoBasket(page);
  await follow(page, 'Go to checkout');
  await follow(page, 'Sign in');
  await enter(page, account);
  await page.getByRole('radio', { name: /Torstraße 12/ }).check();
  await press(page, 'Continue to shipping');
  await press(page, 'Continue to payment');
  await chooseMethod(page);
  await page.getByText('Torstraße 12').waitFor();
  const id = await orderAndPay(page);
  await heading(page, 'Thank you. We are packing your parcel.');
  await follow(page, 'Account');
  await follow(page, 'Orders');
  await follow(page, 'Fold desk lamp');
  assert.equal(orderId(page), id);
});

visit('a customer registers, and keeps the basket of the guest', {}, async ({ page }) => {
  await putLampIntoBasket(page);
  await follow(page, 'Sign in');
  await follow(page, 'Register');
  const { name, email, password } = { name: 'Grace Hopper', email: `grace-${Date.now()}@souk.example`, password: 'compile it and they run' };
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await press(page, 'Register');
  await page.waitForURL(url => url.pathname === '/basket');
  await page.getByRole('spinbutton', { name: 'Quantity of Fold desk lamp' }).waitFor();
  await press(page, 'Sign out');
  await page.goto('/account');
  await page.waitForURL(url => url.pathname === '/sign-in');
  await enter(page, { email, password });
  await page.waitForURL(url => url.pathname === '/account');
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), name);
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with JavaScript' : 'without JavaScript';

  visit(`another card pays after the first one was declined, ${how}`, { javaScriptEnabled }, async ({ page }) => {
    await putLampIntoBasket(page);
    await goToPayment(page);
    await chooseMethod(page, 'Card that is declined');
    const declined = await orderAndPay(page);
    await reaches(page, 'The payment was declined', javaScriptEnabled);
    await page.getByText('Nothing was charged', { exact: true }).waitFor();
    await follow(page, 'Pay with another card');
    await page.getByText('Your items are back in the basket, and nothing was charged.').waitFor();
    await chooseMethod(page);
    const paid = await orderAndPay(page);
    assert.notEqual(paid, declined);
    await reaches(page, 'Thank you. We are packing your parcel.', javaScriptEnabled);
  });

  visit(`a payment is approved at the bank, ${how}`, { javaScriptEnabled }, async ({ page }) => {
    await putLampIntoBasket(page);
    await goToPayment(page);
    await chooseMethod(page, 'Card with approval by the bank');
    await orderAndPay(page);
    await reaches(page, 'Your bank asks you to approve the payment', javaScriptEnabled);
    await follow(page, 'Go to the bank');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.waitForURL(url => url.pathname.startsWith('/orders'));
    await reaches(page, 'Thank you. We are packing your parcel.', javaScriptEnabled);
  });
}

visit('an order keeps what it shows while the shop fails, and goes on', {}, async ({ page, problems }) => {
  await putLampIntoBasket(page);
  await goToPayment(page);
  await chooseMethod(page, 'Card with approval by the bank');
  await orderAndPay(page);
  await heading(page, 'Your bank asks you to approve the payment');
  const failure = { status: 503, contentType: 'text/html', body: '<p>It failed</p>' };
  let failures = 0;
  await page.route('**/fragments/orders/**', route => ((failures += 1), route.fulfill(failure)), { times: 2 });
  await page.waitForResponse(reply => failures === 2 && reply.url().includes('/fragments/orders/') && reply.ok());
  await page.getByText('Waiting for your approval').waitFor();
  assert.equal(await page.getByText('It failed').count(), 0);
  problems.length = 0; // The two failures.
});

visit('two clicks on "Order and pay" make one order, and so does the form when it is sent again', {}, async ({ page, context }) => {
  await putLampIntoBasket(page);
  await goToPayment(page);
  await chooseMethod(page);
  const sent = page.waitForRequest(request => request.method() === 'POST');
  await page.getByRole('button', { name: 'Order and pay' }).dblclick();
  await page.waitForURL('**/orders/ord_*');
  const id = orderId(page);
  const again = await context.request.fetch(await sent, { maxRedirects: 0 });
  assert.deepEqual([again.status(), again.headers().location], [303, `/orders/${id}`]);
  await page.goto('/orders');
  await heading(page, 'Your orders');
  const orders = await page.locator('.orders h3 a').evaluateAll(links => links.map(link => link.pathname));
  assert.deepEqual(orders, [`/orders/${id}`]);
});

visit('a guest buys by keyboard alone', {}, async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('Tab');
  assert.ok((await focus(page)).names.includes('Skip to content'));
  await tabTo(page, 'Search the shop');
  await page.keyboard.type('fold desk lamp');
  await leave(page, () => page.keyboard.press('Enter'));
  await heading(page, 'Results for “fold desk lamp”');
  await activate(page, 'Fold desk lamp');
  await heading(page, 'Fold desk lamp');
  await activate(page, 'Add to basket');
  await heading(page, 'Basket');
  await activate(page, 'Go to checkout');
  await tabTo(page, 'Country');
  await page.keyboard.type('Ger');
  await activate(page, 'Change country');
  const fields = { 'Full name': 'Ada Lovelace', 'Street and number': 'Torstraße 12', Postcode: '10115', 'Town or city': 'Berlin' };
  for (const [label, text] of Object.entries(fields)) {
    await tabTo(page, label);
    await page.keyboard.type(text);
  }
  await activate(page, 'Continue to shipping');
  await activate(page, 'Continue to payment');
  await tabTo(page, 'Visa ending in 4242');
  await page.keyboard.press('Space');
  await activate(page, 'Continue to review');
  await activate(page, 'Order and pay');
  await page.waitForURL('**/orders/ord_*');
  await heading(page, 'Thank you. We are packing your parcel.');
});

/** Presses Tab until something with this name has the focus, which must be seen. */
async function tabTo(page, name) {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    const { names, isSeen } = await focus(page);
    if (!names.includes(name)) continue;
    assert.ok(isSeen, `the focus on “${name}” is not seen`);
    return;
  }
  throw new Error(`Tab does not reach “${name}”`);
}

async function activate(page, name) {
  await tabTo(page, name);
  await leave(page, () => page.keyboard.press('Enter'));
}

/** The names of what has the focus, and whether its ring is seen: its own, or that of a box around it. */
function focus(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const labels = [...(element.labels ?? [])].map(label => (label.querySelector('b') ?? label).textContent.trim());
    const styles = [];
    for (let around = element; around; around = around.parentElement) {
      for (const part of [null, '::before', '::after']) styles.push(getComputedStyle(around, part));
    }
    return {
      names: [element.getAttribute('aria-label'), element.textContent.trim(), ...labels],
      isSeen: element.matches(':focus-visible') && styles.some(style => style.outlineStyle !== 'none' && style.content !== 'none'),
    };
  });
}
