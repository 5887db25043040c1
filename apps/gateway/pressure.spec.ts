import Fastify, { type FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { FREE, limitPressure, LONG } from './pressure.ts';
import { installProblems } from './problem-reply.ts';

function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

function server(opened: Promise<void>): FastifyInstance {
  const app = Fastify();
  installProblems(app);
  limitPressure(app, { requests: 2, waiting: 1 });
  app.get('/short', () => opened.then(() => 'ok'));
  app.get('/long', LONG, () => opened.then(() => 'ok'));
  app.get('/free', FREE, async () => 'ok');
  return app;
}

test('beyond the limit a request is refused at once and told when to try again; health always answers', async () => {
  const { opened, open } = gate();
  const app = server(opened);
  // A request of `inject` is sent when its answer is asked for.
  const held = ['/short', '/short', '/long'].map(async (path) => app.inject(path));
  const refused = await app.inject('/short');
  expect([refused.statusCode, refused.headers['retry-after'], refused.json().code]).toEqual([503, '1', 'gateway-busy']);
  expect((await app.inject('/long')).statusCode).toBe(503);
  expect((await app.inject({ url: '/short', headers: { prefer: 'wait=3' } })).statusCode).toBe(503);
  expect((await app.inject('/free')).statusCode).toBe(200);
  open();
  expect((await Promise.all(held)).map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
  expect((await app.inject('/short')).statusCode).toBe(200);
});
