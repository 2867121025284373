// A test in the browser.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { stocked } from './api.mjs';
import { close, visitor } from './browser.mjs';

before(stocked);
after(close);

/** A test as a visitor with a browser of his own. The visitor has a `page` and a `context`. */
export function visit(name, options, run) {
  test(name, { timeout: 120_000 }, async t => {
    const { context, page, problems } = await visitor(options);
    try {
      await run({ context, page, problems }, t);
      assert.deepEqual(problems, []);
    } catch (error) {
      mkdirSync('target/browser/failed', { recursive: true });
      const path = `target/browser/failed/${name.replaceAll(/\W+/g, '-')}.png`;
      await page.screenshot({ path, fullPage: true, timeout: 5000 }).catch(() => {});
      const seen = `${page.url()}, as in ${path}. Problems: ${JSON.stringify(problems)}`;
      throw new Error(`${error.message}\nThe page was ${seen}`, { cause: error });
    } finally {
      await context.close();
    }
  });
}
