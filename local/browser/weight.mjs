// What the first view of a page weighs, from the network log.
import { gzipSync } from 'node:zlib';

import { visitor } from './browser.mjs';

const compressible = /html|css|javascript|svg|json/;

/** The requests of a first view: kind, path, and bytes as CloudFront sends them, which compresses text. */
export async function firstView(path, size) {
  const { context, page } = await visitor({ viewport: size });
  const seen = [];
  page.on('response', reply => seen.push(reply));
  try {
    await page.goto(path, { waitUntil: 'networkidle' });
    return await Promise.all(seen.map(weighed));
  } finally {
    await context.close();
  }
}

export async function weighed(reply) {
  const { 'content-type': type = '', 'content-encoding': encoding } = await reply.allHeaders();
  const { responseHeadersSize, responseBodySize } = await reply.request().sizes();
  const isPlain = compressible.test(type) && !encoding;
  const body = isPlain ? gzipSync(await reply.body()).length : responseBodySize;
  return { kind: reply.request().resourceType(), path: new URL(reply.url()).pathname, body, all: body + responseHeadersSize };
}

export const sum = (requests, size) => requests.reduce((total, request) => total + size(request), 0);
