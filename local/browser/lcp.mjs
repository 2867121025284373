// Prints when the largest part of a page is painted (LCP) and how much its parts move (CLS) on a
// slow phone: a processor four times slower, 1.6 Mbit/s and 150 ms. The median of five. Never a check: it depends on the machine.
import { call, stocked } from './api.mjs';
import { close, visitor } from './browser.mjs';
import { withStack } from './stack.mjs';

const runs = 5;
const slow = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 1.6e6 / 8 };

async function measured(path) {
  const { context, page } = await visitor({ viewport: { width: 390, height: 844 } });
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', slow);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await page.addInitScript(() => {
    window.seen = { lcp: 0, cls: 0 };
    const watch = (type, act) => new PerformanceObserver(list => list.getEntries().forEach(act)).observe({ type, buffered: true });
    watch('largest-contentful-paint', entry => (window.seen.lcp = entry.startTime));
    watch('layout-shift', entry => (window.seen.cls += entry.value));
  });
  await page.goto(path, { waitUntil: 'networkidle' });
  const seen = await page.evaluate(() => window.seen);
  await context.close();
  return seen;
}

const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

await withStack(async () => {
  await stocked();
  const { items } = await call('GET', '/v1/products/search?q=fold+desk+lamp');
  const pages = { home: '/', aisle: '/search', product: `/products/${items[0].id}` };
  for (const [name, path] of Object.entries(pages)) {
    const seen = [];
    while (seen.length < runs) seen.push(await measured(path));
    const [lcp, cls] = ['lcp', 'cls'].map(key => median(seen.map(one => one[key])));
    console.log(`${name.padEnd(8)} LCP ${(lcp / 1000).toFixed(2)} s   CLS ${cls.toFixed(3)}`);
  }
  await close();
});
