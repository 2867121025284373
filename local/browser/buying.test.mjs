// A guest buys a lamp, with JavaScript and without.
import assert from 'node:assert/strict';

import { courier } from './api.mjs';
import { chooseMethod, enterAddress, follow, goToPayment, heading, orderAndPay, press, putLampIntoBasket, reaches } from './shopping.mjs';
import { visit } from './visit.mjs';

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with JavaScript' : 'without JavaScript';
  visit(`a guest finds a lamp, buys it and finds the order again, ${how}`, { javaScriptEnabled }, async ({ page }) => {
    await page.goto('/');
    await page.getByRole('searchbox', { name: 'Search the shop' }).fill('lamp');
    await press(page, 'Search');
    await heading(page, 'Results for “lamp”');
    await follow(page, 'Fold desk lamp');
    await heading(page, 'Fold desk lamp');
    await follow(page, 'sand');
    await page.getByText('LAMP-FOLD-SAND').waitFor();
    await press(page, 'Add to basket');

    await heading(page, 'Basket');
    await page.getByRole('spinbutton', { name: 'Quantity of Fold desk lamp' }).fill('2');
    await press(page, 'Update');
    await page.getByText('2 items').waitFor();
    await goToPayment(page);
    await chooseMethod(page);
    const total = await page.locator('.sum dd.total').innerText();
    const id = await orderAndPay(page);

    await reaches(page, 'Thank you. We are packing your parcel.', javaScriptEnabled);
    assert.equal(await page.locator('.sum dd.total').first().innerText(), total);
    await courier(id, 'dispatch');
    await reaches(page, 'On its way to you', javaScriptEnabled);
    const pin = (await page.locator('.pin').innerText()).replaceAll(/\D/g, '');
    await courier(id, 'delivery', { pin });
    await heading(page, 'Delivered'); // Without JavaScript the page reloads itself, too.
    assert.equal(await page.locator('[hx-get]').count(), 0, 'the page of a delivered order asks no more');

    await page.goto('/');
    await follow(page, 'Orders');
    await heading(page, 'Your orders');
    await follow(page, 'Fold desk lamp');
    await heading(page, 'Delivered');
    assert.ok(page.url().endsWith(id));
  });

  visit(`a guest comes to a product through its aisle, and takes it out of the basket again, ${how}`, { javaScriptEnabled }, async ({ page }) => {
    await page.goto('/');
    await page.getByRole('navigation', { name: 'Departments' }).getByRole('link', { name: 'Outdoors' }).click();
    await heading(page, 'Outdoors');
    const [product] = await page.locator('.card a').allInnerTexts();
    await follow(page, product);
    await heading(page, product);
    await press(page, 'Add to basket');
    await heading(page, 'Basket');
    await page.getByRole('button', { name: `Remove ${product}` }).click();
    await heading(page, 'The basket is empty.');
  });

  visit(`Back in the checkout keeps what was entered, ${how}`, { javaScriptEnabled }, async ({ page }) => {
    await putLampIntoBasket(page);
    await goToPayment(page);
    await page.goBack();
    await page.getByRole('radio', { name: 'Next working day' }).check();
    await press(page, 'Continue to payment');
    await follow(page, 'Shipping');
    assert.ok(await page.getByRole('radio', { name: 'Next working day' }).isChecked());
    await follow(page, 'Address');
    assert.equal(await page.getByLabel('Street and number').inputValue(), 'Torstraße 12');
    assert.equal(await page.getByLabel('Postcode').inputValue(), '10115');
    await press(page, 'Continue to shipping');
    await press(page, 'Continue to payment');
    await chooseMethod(page);
    await page.goBack();
    assert.ok(await page.getByRole('radio', { name: 'Visa ending in 4242' }).isChecked());
  });

  visit(`a form with a fault is shown again with what was entered, ${how}`, { javaScriptEnabled }, async ({ page }) => {
    await putLampIntoBasket(page);
    await follow(page, 'Go to checkout');
    await enterAddress(page);
    await page.getByLabel('Postcode').fill('');
    await press(page, 'Continue to shipping');
    await page.getByRole('alert').getByRole('link').first().click();
    await page.getByLabel('Postcode').fill('10115');
    assert.equal(await page.getByLabel('Town or city').inputValue(), 'Berlin');
    await press(page, 'Continue to shipping');
    await page.getByRole('group', { name: 'How fast should it be?' }).waitFor();
  });
}
