import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { installProblems } from './problem-reply.ts';

async function answerTo(error: Error): Promise<{ status: number; body: { code: string; retryable: boolean } }> {
  const app = fastify();
  installProblems(app);
  app.get('/', () => Promise.reject(error));
  const answer = await app.inject('/');
  return { status: answer.statusCode, body: answer.json() };
}

test('a database that goes away in the middle of a read is no fault of ours to look into: ask again', async () => {
  const cut = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  expect(await answerTo(new Error('Backend has been terminated unexpectedly.', { cause: cut }))).toMatchObject({
    status: 503,
    body: { code: 'database-unavailable', retryable: true },
  });
});

test('what nobody foresaw is a fault, and its words stay inside', async () => {
  expect(await answerTo(new Error('secret table'))).toMatchObject({
    status: 500,
    body: { code: 'internal-fault', detail: expect.not.stringContaining('secret') },
  });
});
