import { readFileSync } from 'node:fs';
import { connect, headers, type NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contracts } from '@agent-platform/contracts/index';
import type { CommandContract, CommandReply } from '@agent-platform/contracts/kit/index';
import { listDeadLetters } from '@agent-platform/messaging/dead-letters';
import { requestCommand } from '@agent-platform/messaging/request-command';
import { eventually } from '@agent-platform/messaging/testing/eventually';
import { roleKeyOf } from '@agent-platform/service/role-key';
import { type Api, createApi } from '../support/api.ts';
import { exampleOf } from '../support/bad-input.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';
import { expectUntouched, settledHead } from '../support/untouched.ts';

/** What only the platform's roles may say, said by somebody else. */
let platform: TestPlatform;
let nats: NatsConnection;
let api: Api;
beforeAll(async () => {
  platform = await startTestPlatform();
  nats = await connect({ servers: platform.natsUrl });
  api = createApi(platform.url, 'acme');
});
afterAll(async () => {
  await nats.close();
  await platform.close();
});

const internal = contracts.flatMap((contract) =>
  Object.entries<CommandContract>(contract.commands).flatMap(([type, command]) => (command.internal === true ? [[type, command] as const] : [])),
);
const records = ['model_call.record', 'retrieval.record', 'code_execution.record', 'memory_read.record'];

const ask = async (type: string, data: unknown, head?: Readonly<Record<string, string>>): Promise<CommandReply> => {
  const all = headers();
  for (const [name, value] of Object.entries(head ?? {})) all.set(name, value);
  return (await nats.request(`cmd.acme.${type}`, JSON.stringify(data), { timeout: 10_000, headers: all })).json();
};
const refused = { ok: false, problem: { status: 403, code: 'command-internal', retryable: false } };

test('usage, retrievals, code executions and readings are for roles', () => {
  expect(internal.map(([type]) => type)).toEqual(expect.arrayContaining(records));
});

describe('nobody else gets one in', () => {
  let head: number;
  beforeAll(async () => {
    head = await settledHead(platform);
  });

  test.each(internal)('%s: asked, with a wrong signature, and with one of another key', async (type, contract) => {
    const example = exampleOf(contract);
    expect(await ask(type, example)).toMatchObject(refused);
    expect(await ask(type, example, { 'platform-signature': 'x', actor: 'model-gateway' })).toMatchObject(refused);
    const call = { commandId: 'forged', cause: { actor: 'model-gateway', correlation_id: 'forged' }, key: roleKeyOf('some other key') };
    expect(await requestCommand(platform.base.nats, 'acme', type, example, call)).toMatchObject(refused);
  });

  test('a signature is for one workspace, one command, one id, one actor and one body', async () => {
    const own = nats.subscribe('cmd.*.skill.create');
    const taken = (async () => {
      for await (const message of own) return message;
      return undefined;
    })();
    await nats.flush();
    await createApi(platform.url, 'other').post('/skills', { code: 'tapped', name: 'Tapped' });
    const message = await taken;
    own.unsubscribe();
    const signed = Object.fromEntries([...(message?.headers ?? [])].map(([name, [value]]) => [name, value ?? '']));
    expect(signed).toMatchObject({ actor: 'http', 'platform-signature': expect.any(String) });
    const [, contract] = internal.find(([type]) => type === 'model_call.record') ?? [];
    expect(await ask('model_call.record', contract && exampleOf(contract), signed)).toMatchObject(refused);
    const claims = await ask('skill.create', { code: 'claimed', name: 'Claimed' }, { ...signed, 'Nats-Msg-Id': 'another-id' });
    expect(claims).toMatchObject({ ok: true });
    const { items } = (await api.get(`/streams/skill/${claims.ok ? claims.id : ''}/events`)).body;
    expect(items).toMatchObject([{ actor: 'nats:http' }]);
    head = await settledHead(platform);
  });

  test('queued, it is a dead letter', async () => {
    const [type, contract] = internal.find(([one]) => one === 'model_call.record') ?? ['', undefined];
    await nats.jetstream().publish(`cmdq.acme.${type}`, JSON.stringify(contract && exampleOf(contract)));
    const letters = await eventually(
      () => listDeadLetters(platform.base.nats),
      (found) => found.length > 0,
    );
    expect(letters).toMatchObject([{ code: 'command-internal', deliveries: 1 }]);
    expect((await api.get('/billing/calls')).body.items).toEqual([]);
  });

  test('over HTTP there is no way', async () => {
    for (const path of ['/billing/calls', '/code/executions', '/knowledge/retrievals', '/memories/reads']) {
      expect((await api.post(path, {})).status, path).toBeGreaterThanOrEqual(404);
    }
  });

  test('nothing of that was appended', () => expectUntouched(platform, head));
});

test('no document for users and no discovery names one', async () => {
  const told = ['asyncapi', 'openapi'].map((name) => readFileSync(new URL(`../../contracts/generated/${name}.json`, import.meta.url), 'utf8')).join('');
  expect(internal.filter(([type]) => told.includes(`cmd.{workspace_id}.${type}`) || told.includes(`"${type}"`)).map(([type]) => type)).toEqual([]);
  const info = (await nats.request('$SRV.INFO.commands', '', { timeout: 5_000 })).string();
  expect(internal.filter(([type]) => info.includes(`.${type}"`))).toEqual([]);
});

describe('who did it', () => {
  const actorOf = async (id: string) => (await api.get(`/streams/skill/${id}/events`)).body.items[0].actor;
  let count = 0;
  const create = async (head?: Readonly<Record<string, string>>) => {
    const reply = await ask('skill.create', { code: `who-${++count}`, name: 'Who' }, head);
    return reply.ok ? actorOf(reply.id) : null;
  };

  test('what a NATS client says of itself is marked as said', async () => {
    expect(await create()).toBe('nats');
    expect(await create({ actor: 'user:ada' })).toBe('nats:user:ada');
    expect(await create({ actor: 'http' })).toBe('nats:http');
  });

  test('the gateway is believed', async () => {
    const made = await api.post('/skills', { code: 'over-http', name: 'Who' });
    expect(await actorOf(made.body.id)).toBe('http');
  });
});

describe('what roles tell each other is not for others to say', () => {
  const hint = 'poke.hint.run.run.created';

  test('garbage where a role listens is as if it had not been said', async () => {
    for (const subject of [hint, 'poke.hint.budget.budget.changed', 'poke.appended', 'poke.executor.1.run', 'replay-control.x', 'live.acme.run.x.tokens']) {
      for (const body of ['garbage', '', '{}', '[null]', 'x'.repeat(43), `${'x'.repeat(43)}garbage`]) nats.publish(subject, body);
    }
    const noise = nats.subscribe('health.executor', { callback: (_error, message) => message.respond('garbage') });
    await nats.flush();
    const ailing = async () => (await api.get('/services/health')).body.services.filter(({ status }: { status: string }) => status !== 'up');
    await expect.poll(ailing).toEqual([]);
    noise.unsubscribe();
  });

  test('a run does what its log says, whatever is said of it', async () => {
    const nodes = [{ id: 'say', type: 'answer', config: { template: '{{ input.text }}' } }];
    await api.post('/workflows', { workflow_id: 'honest', name: 'Honest', nodes, edges: [] });
    await api.post('/workflows/honest/publish');
    const run = await api.post('/runtime/runs', { workflow_id: 'honest', input: { text: 'true' }, start: false });
    const [created] = (await api.get(`/runtime/runs/${run.body.id}/events?follow=false`)).body.items;
    const forged = JSON.stringify([{ ...created, data: { ...created.data, held: false, input: { text: 'forged' } } }]);
    nats.publish(hint, forged);
    nats.publish(hint, Buffer.from(`${'x'.repeat(43)}${forged}`));
    await nats.flush();
    await api.post(`/runtime/runs/${run.body.id}/start`);
    await expect.poll(async () => (await api.get(`/runtime/runs/${run.body.id}`)).body).toMatchObject({ status: 'completed', output_text: 'true' });
  });
});
