import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { serve, toLocal } from './testing/local-servers.ts';

const BYTES = Buffer.from([0, 255, 254, 10, 13, 200]);

test('a body that is wanted as bytes comes as it is, decompressed, also after a redirect', async () => {
  const p = await serve((request, response) => {
    if (request.url === '/') return response.writeHead(302, { location: '/file' }).end('moved');
    return response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain; charset=utf-16le' }).end(gzipSync(BYTES));
  });
  const answer = await toLocal([p])({ url: `http://127.0.0.1:${p}/`, max_bytes: 1000 });
  expect(answer).toMatchObject({ status: 200, text: '', truncated: false });
  expect(Buffer.from(answer.bytes ?? []).equals(BYTES)).toBe(true);
  expect((await toLocal([p])({ url: `http://127.0.0.1:${p}/file` })).bytes).toBeUndefined();
});

test('it is cut at what was asked for, and never beyond the limit of the adapter', async () => {
  const p = await serve((_request, response) => response.end(Buffer.alloc(100_000, 7)));
  const url = `http://127.0.0.1:${p}/`;
  expect(await toLocal([p])({ url, max_bytes: 50_000 })).toMatchObject({ truncated: true, bytes: { length: 50_000 } });
  expect(await toLocal([p], { limits: { fileBytes: 20_000 } })({ url, max_bytes: 50_000 })).toMatchObject({ truncated: true, bytes: { length: 20_000 } });
  expect(await toLocal([p], { limits: { bodyBytes: 10 } })({ url, max_bytes: 200_000 })).toMatchObject({ truncated: false, bytes: { length: 100_000 } });
});
