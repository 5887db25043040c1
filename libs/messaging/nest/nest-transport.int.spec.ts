import 'reflect-metadata';
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/transport-node';
import type { CommandReply } from '@agent-platform/contracts/kit/reply';
import { Failure } from '@agent-platform/kernel/failure';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { IncomingCommand } from '../command-message.ts';
import { closeMessaging, connectMessaging } from '../connect.ts';
import { listDeadLetters } from '../dead-letters.ts';
import { createEventPublisher } from '../event-publisher.ts';
import { enqueueCommand, requestCommand } from '../request-command.ts';
import { settle } from '../settlement.ts';
import { ensureStreams } from '../stream-config.ts';
import { eventually } from '../testing/eventually.ts';
import { sequencedEvents } from '../testing/events.ts';
import { startNatsServer, type TestNatsServer } from '../testing/nats-server.ts';
import type { WorkDelivery } from '../work-delivery.ts';
import { CommandServer, COMMANDS } from './command.server.ts';
import { PassErrorsFilter } from './pass-errors.filter.ts';
import { TriggerServer, TRIGGERS } from './trigger.server.ts';

let server: TestNatsServer;
let nc: NatsConnection;
let app: INestMicroservice | undefined;

beforeEach(async () => {
  server = await startNatsServer();
  nc = await connectMessaging({ url: server.url, name: 'test' });
  await ensureStreams(nc);
});
afterEach(async () => {
  await app?.close();
  await closeMessaging(nc);
  await server.close();
});

type Handler = (payload: never) => unknown;

/** A Nest application with one controller of these handlers; decorators as plain calls. */
async function start(strategy: TriggerServer | CommandServer, transport: symbol, handlers: Record<string, Handler>, passErrors = false): Promise<void> {
  class Handlers {}
  for (const [pattern, handler] of Object.entries(handlers)) {
    const descriptor = { value: handler, configurable: true, writable: true };
    Object.defineProperty(Handlers.prototype, pattern, descriptor);
    MessagePattern(pattern, transport, { summary: `does ${pattern}` })(Handlers.prototype, pattern, descriptor);
  }
  Controller()(Handlers);
  class App {}
  Module({ controllers: [Handlers] })(App);
  app = await NestFactory.createMicroservice(App, { strategy, logger: false });
  if (passErrors) app.useGlobalFilters(new PassErrorsFilter());
  await app.listen();
}
const triggers = (handler: Handler, passErrors = false) =>
  start(new TriggerServer({ connection: nc, name: 'executor', maxDeliveries: 2 }), TRIGGERS, { 'evt.*.run.*.node.completed': handler }, passErrors);
const publishOne = async () => {
  const publisher = createEventPublisher(nc);
  await publisher.resume();
  await publisher.publish(sequencedEvents(1, 1));
};
const letter = async () =>
  (
    await eventually(
      () => listDeadLetters(nc),
      (letters) => letters.length > 0,
    )
  )[0];

test('a trigger handler gets the delivery, and its settlement is carried out', async () => {
  const seen: WorkDelivery[] = [];
  await triggers((delivery: WorkDelivery) => (seen.push(delivery), seen.length === 1 ? settle.retry(5) : settle.ack));
  await publishOne();
  await eventually(() => seen.length === 2);
  expect(seen[1]).toMatchObject({ subject: 'evt.acme.run.run-1.node.completed', deliveries: 2, position: 1 });
});

test.each([
  [
    'throws',
    () => {
      throw new Error('boom');
    },
  ],
  [
    'rejects',
    async () => {
      throw new Error('boom');
    },
  ],
])('a trigger handler that %s is not acknowledged: retried, then dead', async (_, handler) => {
  let count = 0;
  await triggers(() => (count++, handler()));
  await publishOne();
  expect(await letter()).toMatchObject({ code: 'handler-failed', deliveries: 2 });
  expect(count).toBe(2);
});

test('a trigger handler that returns nothing is retried, then dead', async () => {
  await triggers(() => undefined);
  await publishOne();
  expect(await letter()).toMatchObject({ code: 'no-settlement', deliveries: 2 });
});

test('with PassErrorsFilter the kind of a failure decides', async () => {
  await triggers(() => {
    throw new Failure('fault', 'own-code', 'Own message.');
  }, true);
  await publishOne();
  expect(await letter()).toMatchObject({ code: 'own-code', message: 'Own message.', deliveries: 1 });
});

const accepted = (id: string): CommandReply => ({ ok: true, id, entity: null, log: { stream: `acme/run/${id}`, version: 1, event_id: null } });
const call = { commandId: '0190a1b2-c3d4-7e5f-8a9b-000000000001', cause: { actor: 'user:ada', correlation_id: 'request-1' } };

test('a command handler answers, a throwing one answers a problem, one without answer is a fault', async () => {
  await start(
    new CommandServer({ connection: nc }),
    COMMANDS,
    {
      'run.create': ({ data, workspace_id, commandId }: IncomingCommand) => accepted(`${workspace_id}-${JSON.stringify(data)}-${commandId}`),
      'run.cancel': () => {
        throw new Failure('conflict', 'run-ended', 'The run has ended.');
      },
      'run.pause': () => undefined,
    },
    true,
  );
  expect(await requestCommand(nc, 'acme', 'run.create', { a: 1 }, call)).toMatchObject({ ok: true, id: `acme-{"a":1}-${call.commandId}` });
  expect(await requestCommand(nc, 'acme', 'run.cancel', {}, call)).toMatchObject({
    ok: false,
    problem: { status: 409, code: 'run-ended', request_id: 'request-1' },
  });
  expect(await requestCommand(nc, 'acme', 'run.pause', {}, call)).toMatchObject({ ok: false, problem: { status: 500, code: 'no-reply' } });
});

test('queued commands go to the same handlers; a refused one is kept as a dead letter', async () => {
  const seen: unknown[] = [];
  await start(
    new CommandServer({ connection: nc, queue: true }),
    COMMANDS,
    {
      'run.create': ({ data }: IncomingCommand) => (seen.push(data), accepted('r1')),
      'run.cancel': () => {
        throw new Failure('conflict', 'run-ended', 'The run has ended.');
      },
    },
    true,
  );
  await enqueueCommand(nc, 'acme', 'run.create', { a: 1 }, call);
  await eventually(() => seen.length === 1);
  await enqueueCommand(nc, 'acme', 'run.nothing', {}, { ...call, commandId: '0190a1b2-c3d4-7e5f-8a9b-000000000002' });
  expect(await letter()).toMatchObject({ code: 'command-unknown', subject: 'cmdq.acme.run.nothing' });
});
