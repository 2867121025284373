// Takes pictures of twelve pages, at three widths, in light and in dark: `node local/browser/screenshots.mjs`.
// They are in target/screenshots, or in the folder that is given.
import { mkdirSync } from 'node:fs';

import { stocked } from './api.mjs';
import { close, visitor } from './browser.mjs';
import { withStack } from './stack.mjs';
import { customers, guests, strangers } from './tours.mjs';
import { world } from './world.mjs';

const folder = process.argv[2] ?? 'target/screenshots';
const widths = { 360: 740, 768: 1024, 1280: 900 };
/** The pages that are taken, and the names of their files. */
const pictured = new Map([
  ['home', 'home'],
  ['aisle', 'aisle'],
  ['search', 'search'],
  ['product', 'product'],
  ['sign-in', 'sign-in'],
  ['basket with a discount', 'basket'],
  ['checkout, address', 'address'],
  ['checkout, payment', 'payment'],
  ['checkout, review', 'review'],
  ['order, shipped', 'order'],
  ['order, declined', 'order-declined'],
  ['orders', 'orders'],
]);

async function take(page, name) {
  for (const [width, height] of Object.entries(widths)) {
    await page.setViewportSize({ width: Number(width), height });
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate(seen);
      await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** In the page: loads what is below the fold, and waits for it. */
async function seen() {
  for (const picture of document.images) picture.loading = 'eager';
  await Promise.all([...document.images].map(picture => picture.decode().catch(() => {})));
  await document.fonts.ready;
}

mkdirSync(folder, { recursive: true });
await withStack(async () => {
  await stocked();
  const made = await world();
  for (const tour of [strangers, guests, customers]) {
    const { context, page } = await visitor();
    for await (const name of tour(page, made)) if (pictured.has(name)) await take(page, pictured.get(name));
    await context.close();
  }
  await close();
});
console.log(`The pictures are in ${folder}.`);
