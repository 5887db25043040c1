import { headers, type NatsConnection } from '@nats-io/transport-node';
import type { CommandAccepted, CommandReply } from '@agent-platform/contracts/kit/reply';
import { Failure } from '@agent-platform/kernel/failure';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { IncomingCommand } from './command-message.ts';
import { type CommandService, serveCommands } from './command-service.ts';
import { closeMessaging, connectMessaging } from './connect.ts';
import { requestCommand } from './request-command.ts';
import { startNatsServer, type TestNatsServer } from './testing/nats-server.ts';

let server: TestNatsServer;
let nc: NatsConnection;
let service: CommandService;
const faults: string[] = [];
let gate: Promise<void> | undefined;

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const accepted = (id: string): CommandReply => ({ ok: true, id, entity: null, log: { stream: `acme/run/${id}`, version: 1, event_id: null } });
const call = { commandId: '0190a1b2-c3d4-7e5f-8a9b-000000000001', cause: { actor: 'user:ada', correlation_id: 'request-1', traceparent: TRACE } };
let seen: IncomingCommand | undefined;
let entity: CommandAccepted['entity'];

beforeEach(async () => {
  server = await startNatsServer();
  nc = await connectMessaging({ url: server.url, name: 'test' });
  gate = undefined;
  entity = null;
  service = serveCommands(nc, {
    commands: { 'run.create': { summary: 'Creates a run.' }, 'run.cancel': { summary: 'Cancels a run.' } },
    maxInFlight: 3,
    onFault: (failure) => faults.push(String(failure.cause)),
    async handle(command) {
      seen = command;
      await gate;
      if (command.type === 'run.cancel') throw new Error('secret detail');
      return { ...accepted(command.workspace_id), entity };
    },
  });
  await nc.flush();
});
afterEach(async () => {
  await service.close();
  await closeMessaging(nc);
  await server.close();
});

const raw = async (subject: string, body: string | Uint8Array) => (await nc.request(subject, body, { timeout: 5000 })).json<CommandReply>();

test('a command reaches the handler with its data, id and cause', async () => {
  expect(await requestCommand(nc, 'acme', 'run.create', { a: 1 }, { ...call, headers: { authorization: 'Bearer x' } })).toEqual(accepted('acme'));
  expect(seen).toMatchObject({ workspace_id: 'acme', type: 'run.create', data: { a: 1 }, commandId: call.commandId });
  expect([seen?.header('actor'), seen?.header('traceparent'), seen?.header('authorization'), seen?.header('none')]).toEqual([
    'user:ada',
    TRACE,
    'Bearer x',
    undefined,
  ]);
});

test.each([
  ['json-duplicate-key', 'cmd.acme.run.create', '{"a":1,"a":2}'],
  ['json-too-deep', 'cmd.acme.run.create', '['.repeat(100_000)],
  ['json-too-large', 'cmd.acme.run.create', `"${'x'.repeat(1_000_001)}"`],
  ['json-malformed', 'cmd.acme.run.create', ''],
  ['command-subject', 'cmd.ACME.run.create', '{}'],
  ['command-subject', 'cmd.*.run.create', '{}'],
  ['command-subject', 'cmd.acme', '{}'],
])('refused as %s', async (code, subject, body) => {
  expect(await raw(subject, body)).toMatchObject({ ok: false, problem: { status: 400, code } });
});

test.each(['run.foo', 'foo.bar', 'run', 'run.create.now', 'toString', '__proto__', `run.${'x'.repeat(3000)}`])(
  '%s is no command: the answer names those there are',
  async (type) => {
    const reply = await raw(`cmd.acme.${type}`, 'not even JSON');
    expect(reply).toMatchObject({
      ok: false,
      problem: {
        status: 404,
        code: 'command-unknown',
        retryable: false,
        detail: expect.stringContaining(`"${type.slice(0, 200)}`),
        errors: [
          { field: 'subject', rule: expect.stringContaining('cmd.<workspace>.<noun>.<verb>'), remedy: expect.stringContaining('run.cancel, run.create') },
        ],
      },
    });
  },
);

test.each([
  ['Nats-Msg-Id', 'x'.repeat(201)],
  ['Nats-Msg-Id', 'a b'],
  ['Nats-Msg-Id', 'ü'],
  ['actor', 'x'.repeat(201)],
  ['actor', 'a\u0000b'],
  ['actor', 'a\tb'],
  ['correlation-id', 'x'.repeat(500_000)],
  ['causation-id', 'a\u0007'],
])('a header that the log can not hold is refused: %s', async (name, value) => {
  const head = headers();
  head.append(name, value);
  const reply = (await nc.request('cmd.acme.run.create', '{}', { headers: head, timeout: 5000 })).json<CommandReply>();
  expect(reply).toMatchObject({ ok: false, problem: { status: 400, code: 'command-header', errors: [{ field: `header ${name}` }] } });
});

test('a traceparent that is none is left out, as the standard wants it', async () => {
  const head = headers();
  head.append('traceparent', 'x'.repeat(100_000));
  expect((await nc.request('cmd.acme.run.create', '{}', { headers: head, timeout: 5000 })).json()).toMatchObject({ ok: true });
  expect(seen?.header('traceparent')).toBeUndefined();
});

test('an answer too large for NATS comes without its entity', async () => {
  entity = { text: 'x'.repeat(1_100_000) };
  expect(await raw('cmd.acme.run.create', '{}')).toEqual(accepted('acme'));
});

test('a fault tells the caller nothing but that, and is told to the service', async () => {
  const reply = await requestCommand(nc, 'acme', 'run.cancel', {}, call);
  expect(reply).toMatchObject({ ok: false, problem: { status: 500, code: 'internal-fault', request_id: 'request-1' } });
  expect(JSON.stringify(reply)).not.toContain('secret');
  expect(faults.at(-1)).toContain('secret detail');
});

test('more commands than allowed at a time are refused as busy, the others answered', async () => {
  let open = () => {};
  gate = new Promise((resolve) => (open = resolve));
  const replies = Array.from({ length: 6 }, () => requestCommand(nc, 'acme', 'run.create', {}, call));
  const busy = await Promise.race(replies);
  expect(busy).toMatchObject({ ok: false, problem: { status: 503, code: 'commands-busy', retry_after_seconds: 1 } });
  open();
  expect((await Promise.all(replies)).filter((reply) => reply.ok).length).toBeGreaterThanOrEqual(3);
});

test('nobody listening, and no answer in time, are transient failures', async () => {
  await service.close();
  await expect(requestCommand(nc, 'acme', 'run.create', {}, call)).rejects.toMatchObject({
    kind: 'transient',
    code: 'commands-unavailable',
    retryAfterSeconds: 1,
  });
  nc.subscribe('cmd.acme.slow.one', { callback: () => {} });
  await expect(requestCommand(nc, 'acme', 'slow.one', {}, { ...call, timeoutMs: 50 })).rejects.toMatchObject({ kind: 'transient', code: 'command-timeout' });
  nc.subscribe('cmd.acme.odd.one', { callback: (_, message) => void message.respond('what?') });
  await expect(requestCommand(nc, 'acme', 'odd.one', {}, call)).rejects.toBeInstanceOf(Failure);
});

test('close answers what was taken', async () => {
  let open = () => {};
  gate = new Promise((resolve) => (open = resolve));
  const reply = requestCommand(nc, 'acme', 'run.create', {}, call);
  while (service.inFlight === 0) await nc.flush();
  const closed = service.close();
  open();
  expect(await reply).toEqual(accepted('acme'));
  await closed;
});

test('discovery shows one endpoint for each command, and counts', async () => {
  await requestCommand(nc, 'acme', 'run.create', {}, call);
  await requestCommand(nc, 'acme', 'run.cancel', {}, call);
  await raw('cmd.acme.run.foo', '{}');
  const info = (await nc.request('$SRV.INFO.commands', '')).json<{ endpoints: { name: string; subject: string; queue_group: string }[] }>();
  expect(info.endpoints).toMatchObject([
    { name: 'run-create', subject: 'cmd.*.run.create', queue_group: 'commands', metadata: { type: 'run.create', summary: 'Creates a run.' } },
    { name: 'run-cancel', subject: 'cmd.*.run.cancel' },
  ]);
  const stats = (await nc.request('$SRV.STATS', '')).json<{ endpoints: unknown[] }>();
  expect(stats.endpoints).toMatchObject([
    { num_requests: 1, num_errors: 0 },
    { num_requests: 1, num_errors: 1, last_error: '500 internal-fault' },
  ]);
});

test('an error reply is marked for service tools', async () => {
  const none = headers();
  const answer = await nc.request('cmd.acme.run.cancel', '{}', { headers: none, timeout: 5000 });
  expect(answer.headers?.get('Nats-Service-Error-Code')).toBe('500');
});
