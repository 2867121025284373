// The packages of package-lock.json. They are installed under target/, and again when the lock file has changed.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const here = new URL('./', import.meta.url);
const folder = new URL('../../target/browser/', here);
const installed = new URL('node_modules/.lock.json', folder);
const lock = new URL('package-lock.json', here);

if (!existsSync(installed) || readFileSync(installed, 'utf8') !== readFileSync(lock, 'utf8')) {
  mkdirSync(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(new URL(name, here), new URL(name, folder));
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], { cwd: folder, stdio: 'inherit' });
  copyFileSync(lock, installed);
}

const require = createRequire(folder);
export const { chromium } = require('playwright-core');
export const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
