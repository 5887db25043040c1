import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Failure } from '@agent-platform/kernel/failure';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { consumeCommandQueue, queuedCommands } from './command-queue.ts';
import { closeMessaging, connectMessaging } from './connect.ts';
import { type DeadLetter, listDeadLetters, redriveDeadLetter } from './dead-letters.ts';
import { ensureStreams, STREAMS } from './stream-config.ts';
import { eventually } from './testing/eventually.ts';
import { startNatsServer, type TestNatsServer } from './testing/nats-server.ts';
import { openRawClient, type RawClient } from './testing/raw-client.ts';
import type { WorkConsumer } from './work-consumer.ts';

/** Messages that were made to break the consumer, its dead letters or its connection. */
let server: TestNatsServer;
let nc: NatsConnection;
let consumer: WorkConsumer;
let stranger: RawClient;
let reconnects: number;

beforeEach(async () => {
  server = await startNatsServer();
  nc = await connectMessaging({ url: server.url, name: 'test' });
  await ensureStreams(nc);
  reconnects = 0;
  void (async () => {
    for await (const { type } of nc.status()) if (type === 'disconnect') reconnects++;
  })();
  consumer = consumeCommandQueue(nc, {
    handle: queuedCommands(async ({ type }) => {
      throw new Failure('missing', 'command-unknown', `There is no command ${type}.`);
    }),
  });
  stranger = await openRawClient(server.url);
});
afterEach(async () => {
  stranger.close();
  await consumer.close();
  await closeMessaging(nc);
  await server.close();
});

async function buried(): Promise<DeadLetter> {
  const [letter] = await eventually(
    () => listDeadLetters(nc),
    (letters) => letters.length > 0,
  );
  if (!letter) throw new Error('no dead letter');
  await eventually(async () => (await (await jetstreamManager(nc)).streams.info(STREAMS.commands)).state.messages === 0);
  return letter;
}

test('a message as large as NATS allows is buried, cut', async () => {
  const head = 'Nats-Msg-Id: large-1\r\n';
  const bytes = 1_048_576 - 'NATS/1.0\r\n\r\n'.length - head.length;
  stranger.publish('cmdq.acme.run.create', 'x'.repeat(bytes), head);
  expect(await stranger.flush()).toEqual([]);
  const letter = await buried();
  expect(letter).toMatchObject({ code: 'json-too-large', message_id: 'large-1', cut_from_bytes: bytes });
  expect(letter.payload).toMatch(/^x{100,}$/);
  await expect(redriveDeadLetter(nc, letter.id)).rejects.toMatchObject({ kind: 'conflict', code: 'dead-letter-cut' });
});

test('headers as large as JetStream allows are left out of the dead letter', async () => {
  stranger.publish('cmdq.acme.run.create', '{}', `x-large: ${'x'.repeat(65_500)}\r\n`);
  expect(await stranger.flush()).toEqual([]);
  expect(await buried()).toMatchObject({ code: 'command-unknown', payload: '{}', cut_from_bytes: null });
});

test('header lines without a name are left out', async () => {
  stranger.publish('cmdq.acme.run.create', '{}', ': a\r\nnonsense\r\n');
  await stranger.flush();
  expect(await buried()).toMatchObject({ code: 'command-unknown', payload: '{}' });
});

test.each([
  ['a line break inside a value', 'actor: a\nb\r\n'],
  ['a name with a space', 'ac tor: a\r\n'],
  ['a name with a control character', 'ac\u0007tor: a\r\n'],
])('header lines that are none, %s: buried with what is wrong with them', async (_, lines) => {
  stranger.publish('cmdq.acme.run.create', '{}', lines);
  await stranger.flush();
  expect(await buried()).toMatchObject({ code: 'command-header', subject: 'cmdq.acme.run.create', payload: '{}', headers: { 'dead-code': 'command-header' } });
});

test('a subject as long as NATS allows is buried under a shorter one, and breaks no connection', async () => {
  const subject = `cmdq.acme.${'x'.repeat(4060)}`;
  stranger.publish(subject, '{}');
  expect(await stranger.flush()).toEqual([]);
  const letter = await buried();
  expect(letter).toMatchObject({ code: 'command-unknown', subject });
  await expect(redriveDeadLetter(nc, letter.id)).rejects.toMatchObject({ kind: 'conflict', code: 'dead-letter-subject' });
  expect(await listDeadLetters(nc, { workspaceId: 'acme' })).toHaveLength(1);
  expect(reconnects).toBe(0);
});

test.each(['cmdq.acme', 'cmdq.ACME.run.create', 'cmdq.*.run.create', 'cmdq.acme.*', 'cmdq.acme.>', 'cmdq.ü.run.create', 'cmdq.acme.__proto__'])(
  '%s is buried or not taken at all',
  async (subject) => {
    stranger.publish(subject, '{}');
    await stranger.flush();
    stranger.publish('cmdq.acme.run.last', '{}');
    await stranger.flush();
    await buried();
    const letters = await eventually(
      () => listDeadLetters(nc),
      (all) => all.some((letter) => letter.subject === 'cmdq.acme.run.last'),
    );
    for (const letter of letters) expect(letter.code).toMatch(/^command-(subject|unknown)$/);
    expect(reconnects).toBe(0);
  },
);
