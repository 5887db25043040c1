import { Readable } from 'node:stream';
import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { installBodyParsers } from './body-parsers.ts';
import { readForm } from './form-body.ts';

const LATIN1 = Buffer.from('caf\xe9', 'latin1');
const part = (headers: string, body: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from(`--b-1\r\n${headers}\r\n\r\n`), Buffer.from(body), Buffer.from('\r\n')]);
const file = (type: string, body: string | Buffer = LATIN1) =>
  part(`Content-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: ${type}`, body);

/** What the form of these parts holds, when it comes in pieces of so many bytes. */
async function read(parts: readonly Buffer[], size: number) {
  const app = fastify();
  installBodyParsers(app);
  app.post('/', async (request) => {
    const { files, texts } = await readForm(request, { files: 3, bytes: 100_000, remedy: 'send less' });
    return { texts, files: files.map(({ media_type, bytes }) => [media_type, bytes.toString('latin1')]) };
  });
  const whole = Buffer.concat([...parts, Buffer.from('--b-1--\r\n')]);
  const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) => whole.subarray(at * size, (at + 1) * size));
  const headers = { 'content-type': 'multipart/form-data; boundary="b-1"' };
  return (await app.inject({ method: 'POST', url: '/', headers, payload: Readable.from(pieces) })).json<object>();
}

test.each([1, 7, 100_000])('a file keeps the charset that its part names, in pieces of %d bytes', async (size) => {
  const field = part('Content-Disposition: form-data; name="note"\r\nContent-Type: text/plain; charset=iso-8859-1', LATIN1);
  const untyped = part('Content-Disposition: form-data; name="file"; filename="c"', '');
  expect(await read([field, file('Text/Plain; Charset=ISO-8859-1'), file('text/plain'), untyped], size)).toEqual({
    texts: [['note', 'café']],
    files: [
      ['Text/Plain; Charset=ISO-8859-1', 'caf\xe9'],
      ['text/plain', 'caf\xe9'],
      ['text/plain', ''],
    ],
  });
});

test('what only looks like a part inside of a file is none', async () => {
  const inside = `x--b-1\r\nContent-Disposition: form-data; filename="n"\r\nContent-Type: text/html\r\n\r\n${'y'.repeat(50_000)}`;
  expect(await read([file('text/plain', inside), file('text/csv; charset=utf-8', 'a,b')], 1000)).toMatchObject({
    files: [
      ['text/plain', inside],
      ['text/csv; charset=utf-8', 'a,b'],
    ],
  });
});
