import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { closeMessaging, connectMessaging } from './connect.ts';
import { orDisconnect, whenConnected } from './connection-status.ts';
import { createEventPublisher, type EventPublisher } from './event-publisher.ts';
import { OutOfSync } from './out-of-sync.ts';
import { ensureStreams, STREAMS } from './stream-config.ts';
import { sequencedEvents } from './testing/events.ts';
import { startNatsServer, type TestNatsServer } from './testing/nats-server.ts';

let server: TestNatsServer;
let nc: NatsConnection;
let log = sequencedEvents(1, 3000);

beforeEach(async () => {
  server = await startNatsServer();
  nc = await connectMessaging({ url: server.url, name: 'test' });
  await ensureStreams(nc);
  log = sequencedEvents(1, 3000);
});
afterEach(async () => {
  await closeMessaging(nc);
  await server.close();
});

const slice = (after: number, upTo: number) => log.slice(after, upTo);

/** What the relay does: publish, and after any doubt look where the stream stands and go on from there. */
async function relay(publisher: EventPublisher, upTo: number): Promise<void> {
  while (!nc.isClosed()) {
    try {
      let { position } = await publisher.resume();
      while (position < upTo) {
        const next = slice(position, Math.min(position + 700, upTo));
        await publisher.publish(next);
        position += next.length;
      }
      return;
    } catch {
      await whenConnected(nc);
      await orDisconnect(nc, ensureStreams(nc)).catch(() => undefined);
    }
  }
}

/** Positions on the stream, in order. */
async function stored(): Promise<number[]> {
  const manager = await jetstreamManager(nc);
  const { state } = await manager.streams.info(STREAMS.events);
  const positions: number[] = [];
  for (let seq = state.first_seq; state.messages > 0 && seq <= state.last_seq;) {
    for await (const message of await manager.direct.getBatch(STREAMS.events, { seq, batch: 1000 })) {
      positions.push(Number(message.header.get('position')));
      seq = message.seq + 1;
    }
  }
  return positions;
}
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

test('stores every event once, in position order, with the headers of the contract', async () => {
  const publisher = createEventPublisher(nc);
  expect(await publisher.resume()).toMatchObject({ position: 0 });
  await publisher.publish(slice(0, 3000));
  expect(await stored()).toEqual(upTo(3000));
  expect(await createEventPublisher(nc).resume()).toMatchObject({ position: 3000 });

  const manager = await jetstreamManager(nc);
  const message = await manager.direct.getMessage(STREAMS.events, { seq: 7 });
  expect(message?.subject).toBe('evt.acme.run.run-7.node.completed');
  expect(message?.header.get('Nats-Msg-Id')).toBe(log[6]?.id);
  expect(message?.header.get('correlation-id')).toBe('request-7');
  expect(message?.header.get('actor')).toBe('user:ada');
  expect(message?.header.get('schema-version')).toBe('1');
  expect(message?.string()).toBe(log[6]?.json);
});

test('two relays at once leave every event once and in order', async () => {
  const other = await connectMessaging({ url: server.url, name: 'other' });
  await Promise.all([relay(createEventPublisher(nc), 3000), relay(createEventPublisher(other), 3000)]);
  await closeMessaging(other);
  expect(await stored()).toEqual(upTo(3000));
});

test('refuses a batch with a gap, and publishes nothing before resume', async () => {
  const publisher = createEventPublisher(nc);
  await expect(publisher.publish(slice(0, 1))).rejects.toThrow(OutOfSync);
  await publisher.resume();
  await expect(publisher.publish(slice(1, 3))).rejects.toThrow('Position 1 should come next, got 2');
  expect(await stored()).toEqual([]);
});

test('a message of somebody else on evt.> stops the rest of the batch instead of leaving a hole', async () => {
  const publisher = createEventPublisher(nc);
  await publisher.resume();
  await publisher.publish(slice(0, 10));
  nc.publish('evt.acme.run.x.y.z', '{}');
  await expect(publisher.publish(slice(10, 20))).rejects.toMatchObject({ name: 'OutOfSync', reason: 'refused' });
  expect(await publisher.resume()).toMatchObject({ position: 10 });
  await publisher.publish(slice(10, 20));
  expect((await stored()).filter((position) => position > 0)).toEqual(upTo(20));
});

test('header values can not add headers', async () => {
  log = sequencedEvents(1, 1, { actor: 'a\r\nNats-Rollup: all\r\n\r\nx' });
  const publisher = createEventPublisher(nc);
  await publisher.resume();
  await publisher.publish(log);
  const message = await (await jetstreamManager(nc)).direct.getMessage(STREAMS.events, { seq: 1 });
  expect(message?.header.get('actor')).toBe('a  Nats-Rollup: all    x');
  expect(message?.header.has('Nats-Rollup')).toBe(false);
});

test('kill -9 of the server while publishing: nothing lost, nothing twice', async () => {
  const done = relay(createEventPublisher(nc), 3000);
  await server.kill();
  await server.start();
  await done;
  expect(await stored()).toEqual(upTo(3000));
});

test('store wiped while the server is down: filled again from the start of the log', async () => {
  await relay(createEventPublisher(nc), 1000);
  const publisher = createEventPublisher(nc);
  await publisher.resume();
  await server.kill();
  server.wipe();
  await server.start();
  await expect(publisher.publish(slice(1000, 1001))).rejects.toMatchObject({ name: 'OutOfSync' });
  await relay(publisher, 1200);
  expect(await stored()).toEqual(upTo(1200));
});

test('stream deleted while publishing: OutOfSync, then filled again', async () => {
  const publisher = createEventPublisher(nc);
  await relay(publisher, 1000);
  await (await jetstreamManager(nc)).streams.delete(STREAMS.events);
  await expect(publisher.publish(slice(1000, 1010))).rejects.toMatchObject({ name: 'OutOfSync', reason: 'no-stream' });
  await ensureStreams(nc);
  await relay(publisher, 1010);
  expect(await stored()).toEqual(upTo(1010));
});

test('stream purged: goes on after the position the caller has in its books', async () => {
  const publisher = createEventPublisher(nc);
  await relay(publisher, 100);
  await (await jetstreamManager(nc)).streams.purge(STREAMS.events);
  expect(await publisher.resume(100)).toMatchObject({ position: 100 });
  await publisher.publish(slice(100, 110));
  expect(await stored()).toEqual(upTo(110).slice(100));
});
