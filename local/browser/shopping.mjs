// What a shopper does, in the words that are on the pages.
import assert from 'node:assert/strict';

import { berlin, demoPassword } from './api.mjs';

/** Does what leads to another page, and waits for that page. */
export const leave = (page, act) => Promise.all([page.waitForEvent('load'), act()]);
export const press = (page, name) => leave(page, () => page.getByRole('button', { name, exact: true }).first().click());
export const follow = (page, name) => leave(page, () => page.getByRole('link', { name, exact: true }).first().click());
/** Waits for the heading of a page. */
export const heading = (page, text) => page.getByRole('heading', { level: 1, name: text, exact: true }).waitFor();

/** Waits until an order's page has a heading. With JavaScript the page gets it by itself; without, the visitor reloads it. */
export async function reaches(page, text, javaScriptEnabled) {
  const isShown = () => page.getByRole('heading', { level: 1, name: text, exact: true }).isVisible();
  const deadline = Date.now() + 15_000;
  while (!javaScriptEnabled && !(await isShown()) && Date.now() < deadline) await page.reload();
  await heading(page, text);
}

/** The path that the page is at. */
export const path = page => new URL(page.url()).pathname;

/** Puts the lamp into the basket. */
export async function putLampIntoBasket(page) {
  await page.goto('/search?q=fold+desk+lamp');
  await follow(page, 'Fold desk lamp');
  await press(page, 'Add to basket');
  await heading(page, 'Basket');
}

/** Fills the form of an address. */
export async function enterAddress(page, address = berlin) {
  await page.getByLabel('Country').selectOption(address.country);
  await press(page, 'Change country');
  await page.getByLabel('Full name').fill(address.name);
  await page.getByLabel('Street and number').fill(address.line1);
  await page.getByLabel('Postcode').fill(address.postcode);
  await page.getByLabel('Town or city').fill(address.city);
}

/** From the basket to the third step of the checkout. */
export async function goToPayment(page) {
  await follow(page, 'Go to checkout');
  await enterAddress(page);
  await press(page, 'Continue to shipping');
  await page.getByRole('group', { name: 'How fast should it be?' }).waitFor();
  await press(page, 'Continue to payment');
  await page.getByRole('group', { name: 'How do you want to pay?' }).waitFor();
}

/** From the third step to the last one. */
export async function chooseMethod(page, name = 'Visa ending in 4242') {
  await page.getByRole('radio', { name }).check();
  await press(page, 'Continue to review');
  await page.getByRole('button', { name: 'Order and pay' }).waitFor();
}

/** Sends the order. Returns its id. */
export async function orderAndPay(page) {
  await press(page, 'Order and pay');
  await page.waitForURL('**/orders/ord_*');
  return orderId(page);
}

export function orderId(page) {
  const [, id] = /^\/orders\/(ord_[0-9a-f]+)$/.exec(path(page)) ?? [];
  assert.ok(id, `not the page of an order: ${page.url()}`);
  return id;
}

/** Signs in with an account. */
export async function enter(page, { email, password }) {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await leave(page, () => page.locator('main').getByRole('button', { name: 'Sign in' }).click());
}

/** Signs in as someone who works at a desk, and opens it. */
export async function atDesk(page, role, desk) {
  await page.goto(desk);
  await enter(page, { email: `${role}@souk.example`, password: demoPassword });
  await page.waitForURL(url => url.pathname === desk);
}
