// Every page and state of the shop and of the desks: axe finds nothing, in light on a phone and in dark on a desk, and nothing scrolls sideways.
import assert from 'node:assert/strict';

import { tooWide, violations } from './browser.mjs';
import { couriers, customers, guests, merchants, strangers, supporters } from './tours.mjs';
import { visit } from './visit.mjs';
import { world } from './world.mjs';

const widths = [320, 360, 768, 1280];
let made;
const tours = {
  'a stranger': strangers,
  'a guest': guests,
  'a customer': customers,
  'a merchant': merchants,
  'a courier': couriers,
  support: supporters,
};

for (const [who, tour] of Object.entries(tours)) {
  visit(`every page that ${who} sees is accessible in light and dark, and fits into every width`, {}, async ({ page }) => {
    made ??= world();
    const faults = [];
    for await (const name of tour(page, await made)) {
      const fault = text => faults.push(`${name} (${new URL(page.url()).pathname}): ${text}`);
      const isDesk = (await page.locator('body.desk').count()) > 0;
      if (!isDesk && (await page.locator('.foot nav a').count()) < 4) fault('it has no departments');
      if (isDesk && (await page.locator('.aisles a').count()) < 1) fault('it has no pages of its desk');
      for (const width of widths) for (const text of await tooWide(page, width)) fault(`at ${width} px: ${text}`);
      await page.emulateMedia({ colorScheme: 'dark' });
      for (const text of await violations(page)) fault(`dark: ${text}`);
      await page.setViewportSize({ width: 390, height: 844 });
      await page.emulateMedia({ colorScheme: 'light' });
      for (const text of await violations(page)) fault(`light: ${text}`);
    }
    assert.deepEqual(faults, []);
  });
}
