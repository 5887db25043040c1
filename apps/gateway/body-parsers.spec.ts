import { gzipSync } from 'node:zlib';
import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { installBodyParsers } from './body-parsers.ts';
import { installProblems } from './problem-reply.ts';

async function send(encoding: string, payload: string | Buffer) {
  const app = fastify();
  installProblems(app);
  installBodyParsers(app);
  app.post('/', (request) => request.body);
  const answer = await app.inject({ method: 'POST', url: '/', headers: { 'content-type': 'application/json', 'content-encoding': encoding }, payload });
  return { status: answer.statusCode, type: answer.headers['content-type'], accepts: answer.headers['accept-encoding'], body: answer.json<object>() };
}

test.each(['gzip', 'br', 'identity, gzip', 'x'.repeat(300)])('a body in the encoding %.20s is refused for its header, not for its bytes', async (encoding) => {
  const { status, type, accepts, body } = await send(encoding, gzipSync('{}'));
  expect([status, type, accepts]).toEqual([415, expect.stringContaining('application/problem+json'), 'identity']);
  expect(body).toMatchObject({
    code: 'content-encoding',
    detail: expect.stringMatching(/^content-encoding: is ".{1,80}", which is not taken here; send the body as it is, without the header\.$/),
    errors: [{ field: 'header content-encoding', remedy: 'send the body as it is, without the header' }],
  });
});

test('identity says nothing', async () => expect(await send(' Identity', '{"a":1}')).toMatchObject({ status: 200, body: { a: 1 } }));
