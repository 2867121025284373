// The browser under test. Every visit is watched: nothing may be written to the console, no dialog may open, no
// reply may be an error of the server, and each reply has the headers that protect the pages.
import { existsSync } from 'node:fs';

import { base } from './api.mjs';
import { axe, chromium } from './packages.mjs';

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(path => existsSync(path));
/** The time within which a page shows what a test waits for, in milliseconds. */
const patience = Number(process.env.PATIENCE ?? 20_000);

let launched;
/** The one browser of a process. */
export function browser() {
  launched ??= chromium.launch({ executablePath, args: ['--no-sandbox'] });
  return launched;
}

export const close = async () => launched && (await launched).close();

/** A browser without cookies, and what went wrong in it. */
export async function visitor(options = {}) {
  const size = { viewport: { width: 390, height: 844 }, reducedMotion: 'reduce' };
  const context = await (await browser()).newContext({ ...size, baseURL: base(), ...options });
  context.setDefaultTimeout(patience);
  const problems = [];
  const refused = new Set();
  context.on('response', reply => {
    const url = new URL(reply.url());
    if (reply.status() >= 500) problems.push(`${url}: ${reply.status()}`);
    else if (reply.status() >= 400 && reply.request().isNavigationRequest()) refused.add(reply.url());
    if (url.origin === base() && !url.pathname.startsWith('/_souk/')) problems.push(...unprotected(reply));
  });
  context.on('console', message => {
    // Chromium writes the status of a page that says no, such as a form with an error.
    if (message.text().startsWith('Failed to load resource') && refused.has(message.location().url)) return;
    problems.push(`${message.location().url}: ${message.text()}`);
  });
  context.on('weberror', error => problems.push(`${error.error()}`));
  context.on('dialog', dialog => {
    problems.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  return { context, page: await context.newPage(), problems };
}

function unprotected(reply) {
  const headers = reply.headers();
  const policy = headers['content-security-policy'] ?? '';
  const isStrict = policy.includes("default-src 'none'") && policy.includes("script-src 'self'") && !policy.includes('unsafe');
  const isSafe = isStrict && headers['x-content-type-options'] === 'nosniff';
  return isSafe ? [] : [`${reply.url()} is not protected: ${policy}`];
}

/** What axe finds on a page: rules of WCAG 2.0 to 2.2, levels A and AA. */
export async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'],
      resultTypes: ['violations'],
    }),
  );
  return found.violations.map(({ id, help, nodes }) => `${id} (${help}): ${nodes.map(node => node.html.slice(0, 160)).join(' | ')}`);
}

/** What is wider than the page at a width, which would make it scroll sideways. */
export async function tooWide(page, width) {
  await page.setViewportSize({ width, height: 800 });
  return page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter(element => element.getBoundingClientRect().right > clientWidth + 1);
    return [`${scrollWidth} px`, ...wide.map(element => `${element.tagName}.${element.className}`).slice(0, 4)];
  });
}
