import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { connect, type NatsConnection } from 'nats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findNatsServer, freePort } from '@agent-platform/embedded/index';
import { createApi } from '@agent-platform/test/support/api';
import { startTestPlatform, type TestPlatform } from '@agent-platform/test/support/platform';

/** The whole platform on a nats-server with what an operator is given, and a stranger beside it. */
const CACHE = path.resolve(import.meta.dirname, '../../.cache');
const folder = mkdtempSync(path.join(tmpdir(), 'nats-permissions-'));
let server: ChildProcessByStdio<null, null, Readable>;
let platform: TestPlatform;
let client: NatsConnection;
const denied: string[] = [];

beforeAll(async () => {
  const port = await freePort();
  const given = readFileSync(path.join(import.meta.dirname, 'nats.conf'), 'utf8')
    .replace('0.0.0.0:4222', `127.0.0.1:${port}`)
    .replace(/^http: .*$/m, '')
    .replace('/data', path.join(folder, 'data'));
  writeFileSync(path.join(folder, 'nats.conf'), given);
  writeFileSync(path.join(folder, 'permissions.conf'), readFileSync(path.join(import.meta.dirname, 'permissions.conf')));
  const { file } = await findNatsServer({ cacheDir: CACHE });
  const env = { NATS_PLATFORM_PASSWORD: 'of-the-platform', NATS_CLIENT_PASSWORD: 'of-clients' };
  server = spawn(file, ['-c', path.join(folder, 'nats.conf')], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const lines = createInterface({ input: server.stderr });
  await new Promise<void>((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`nats-server ended with code ${code}`)));
    lines.on('line', (line) => line.includes('Server is ready') && resolve());
  });
  platform = await startTestPlatform({ env: { AGENT_PLATFORM_NATS_URL: `nats://platform:of-the-platform@127.0.0.1:${port}` } });
  client = await connect({ servers: `127.0.0.1:${port}` });
  void (async () => {
    for await (const { type, data } of client.status()) if (type === 'error') denied.push(JSON.stringify(data));
  })();
});
afterAll(async () => {
  await client.close();
  await platform.close();
  const gone = new Promise((resolve) => server.once('exit', resolve));
  server.kill();
  await gone;
  rmSync(folder, { recursive: true, force: true });
});

test('a client sends commands, hears events, asks what there is, and keeps a consumer of its own', async () => {
  const heard = client.subscribe('evt.acme.skill.>', { max: 1 });
  await client.flush();
  const made = await client.request('cmd.acme.skill.create', JSON.stringify({ code: 'greet', name: 'Greet' }), { timeout: 10_000 });
  expect(made.json()).toMatchObject({ ok: true });
  for await (const message of heard) expect(message.json()).toMatchObject({ type: 'skill.created', actor: 'nats' });
  await client.jetstream().publish('cmdq.acme.skill.create', JSON.stringify({ code: 'queued', name: 'Queued' }));
  const manager = await client.jetstreamManager({ checkAPI: false });
  await manager.consumers.add('EVT', { durable_name: 'client', filter_subject: 'evt.acme.>' });
  const consumer = await client.jetstream({ checkAPI: false }).consumers.get('EVT', 'client');
  const messages = await consumer.fetch({ max_messages: 2, expires: 10_000 });
  const subjects: string[] = [];
  for await (const message of messages) {
    subjects.push(message.subject.split('.').slice(4).join('.'));
    message.ack();
  }
  expect(subjects).toEqual(['skill.created', 'skill.created']);
  expect((await client.request('$SRV.INFO.commands', '', { timeout: 5_000 })).json()).toMatchObject({ name: 'commands' });
  expect(denied).toEqual([]);
});

test.each([
  'evt.acme.run.x.run.completed',
  'poke.hint.run.run.created',
  'poke.appended',
  'redrive.commands.cmdq.acme.model_call.record',
  'dead.acme.run.x.run.created',
  'live.acme.run.x.tokens',
  '$JS.API.STREAM.DELETE.EVT',
  '$JS.API.STREAM.PURGE.EVT',
  '$JS.API.STREAM.UPDATE.EVT',
  '$JS.API.CONSUMER.DELETE.EVT.executor-run',
  '$JS.API.CONSUMER.CREATE.EVT.executor-run.evt.>',
  '$JS.API.CONSUMER.MSG.NEXT.EVT.executor-run',
  '$JS.API.CONSUMER.MSG.NEXT.CMDQ.commands',
  '$JS.ACK.EVT.executor-run.1.1.1.1.1',
])('a client may not publish on %s', async (subject) => {
  denied.length = 0;
  client.publish(subject, '{}');
  await client.flush();
  await expect.poll(() => denied.length, { interval: 2 }).toBe(1);
});

test('and the platform does not mind', async () => {
  expect((await createApi(platform.url, 'acme').get('/skills')).body.items).toHaveLength(2);
  const workflow = { workflow_id: 'w', name: 'w', nodes: [{ id: 'a', type: 'answer', config: { answer: 'ok' } }], edges: [] };
  await createApi(platform.url, 'acme').post('/workflows', workflow);
  await createApi(platform.url, 'acme').post('/workflows/w/publish');
  const run = await createApi(platform.url, 'acme').post('/runtime/runs', { workflow_id: 'w' }, { prefer: 'wait=10' });
  expect(run.body).toMatchObject({ status: 'completed' });
});
