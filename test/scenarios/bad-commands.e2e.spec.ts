import { connect, headers, type NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contracts } from '@agent-platform/contracts/index';
import { type CommandContract, CommandReply, type JsonObject } from '@agent-platform/contracts/kit/index';
import { type DeadLetter, listDeadLetters } from '@agent-platform/messaging/dead-letters';
import { STREAMS } from '@agent-platform/messaging/stream-config';
import { eventually } from '@agent-platform/messaging/testing/eventually';
import { openRawClient } from '@agent-platform/messaging/testing/raw-client';
import { BAD_IDS, badBodies, exampleOf } from '../support/bad-input.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';
import { expectUntouched, settledHead } from '../support/untouched.ts';

/** Every way we know to get a command on NATS wrong: asked and answered, and the same again through the queue. */
let platform: TestPlatform;
let nats: NatsConnection;
let head: number;
beforeAll(async () => {
  platform = await startTestPlatform();
  nats = await connect({ servers: platform.natsUrl });
  head = await settledHead(platform);
});
afterAll(async () => {
  await nats.close();
  await platform.close();
});

interface Case {
  readonly id: string;
  readonly name: string;
  /** Behind `cmd.` or `cmdq.`. */
  readonly rest: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly code?: string;
  readonly field?: string;
}

const commands: readonly (readonly [string, CommandContract])[] = contracts.flatMap((contract) => Object.entries<CommandContract>(contract.commands));
const open = commands.filter(([, { internal }]) => internal !== true);
const internal = commands.filter((command) => !open.includes(command)).map(([type]) => type);

let count = 0;
const ofCommand = (type: string, made: Omit<Case, 'id' | 'name' | 'rest'> & { readonly what: string }): Case => {
  const { what, ...rest } = made;
  return { id: `bad-${++count}`, name: `${type}: ${what}`, rest: `acme.${type}`, ...rest };
};

/** Values of which some are of the wrong type for any field; the contract says which. */
const VALUES = [null, 7, -1.5, true, 'a text', '', 'x'.repeat(100_001), [], [[]], [null], {}, { a: { b: null } }] as const;
const WORDS = ['constructor', 'toString', 'hasOwnProperty', '__defineGetter__', 'prototype'] as const;

function casesOf(type: string, contract: CommandContract): Case[] {
  const whole = exampleOf(contract);
  const make = (what: string, body: Case['body'], status = 400, more: Partial<Case> = {}) => ofCommand(type, { what, body, status, ...more });
  const changed = (change: JsonObject) => JSON.stringify({ ...whole, ...change });
  return [
    ...badBodies(contract).map(({ what, body, field }) => make(what, body, 400, field === undefined ? {} : { field })),
    make('empty', ''),
    make('null', 'null'),
    make('65 levels', `{"x":${'['.repeat(64)}${']'.repeat(64)}}`, 400, { code: 'json-too-deep' }),
    make('above 1 MB', JSON.stringify({ x: 'x'.repeat(1_000_000) }), 400, { code: 'json-too-large' }),
    make('a workspace in the body', changed({ workspace_id: 'other' }), 400, { field: '/workspace_id' }),
    ...WORDS.map((word) => make(`a field ${word}`, changed({ [word]: 1 }), 400, { field: `/${word}` })),
    ...Object.keys(whole).flatMap((field) =>
      VALUES.filter((value) => !contract.data.safeParse({ ...whole, [field]: value }).success).map((value) =>
        make(`${field} ${JSON.stringify(value).slice(0, 30)}`, changed({ [field]: value as JsonObject }), 400, { field: `/${field}` }),
      ),
    ),
    // Some streams are one for a workspace, and nobody else's name is of the promised shape.
    ...(contract.creates === true || !contract.data.safeParse({ ...whole, [contract.target]: 'nobody' }).success
      ? []
      : [make('nobody’s id', changed({ [contract.target]: 'nobody' }), 404)]),
    make('a header of 60 kB', '{}', 400, { code: 'command-header', headers: { 'correlation-id': 'x'.repeat(60_000) } }),
  ];
}

const tables: (readonly [string, readonly Case[]])[] = [
  ...contracts.map(
    (contract) => [contract.category, open.filter(([type]) => Object.hasOwn(contract.commands, type)).flatMap(([type, one]) => casesOf(type, one))] as const,
  ),
  [
    'subjects',
    [
      ...internal.map((type) => ofCommand(type, { what: 'for roles only', body: '{}', status: 403, code: 'command-internal' })),
      ...['run.advance', 'run.record', 'run', 'run.create.now', 'foo.bar', ...WORDS, '__proto__', 'run.__proto__', 'x'.repeat(3_000)].map((type) =>
        ofCommand(type, { what: 'no command', body: '{}', status: 404, code: 'command-unknown' }),
      ),
      ...['ACME', '-a', '$SYS', '_', 'ü', 'a%', "'", 'x'.repeat(41), '__proto__'].map((workspace) => ({
        ...ofCommand('run.create', { what: `workspace ${workspace}`, body: '{}', status: 400, code: 'command-subject' }),
        rest: `${workspace}.run.create`,
      })),
    ],
  ],
].filter(([, cases]) => cases.length > 0) as (readonly [string, readonly Case[]])[];
const all = tables.flatMap(([, cases]) => cases);

const headOf = (one: Case) => {
  const head = headers();
  head.set('Nats-Msg-Id', one.id);
  for (const [name, value] of Object.entries(one.headers ?? {})) head.set(name, value);
  return head;
};

/** Code of the refusal of each case that was asked. */
const codes = new Map<string, string>();

async function wrongAnswer(one: Case): Promise<string | null> {
  const message = await nats.request(`cmd.${one.rest}`, one.body, { timeout: 10_000, headers: headOf(one) });
  const reply = CommandReply.safeParse(message.json());
  const told = `${one.name}: ${message.string().slice(0, 600)}`;
  if (!reply.success || reply.data.ok) return told;
  const { status, code, detail, errors = [], retryable } = reply.data.problem;
  codes.set(one.id, code);
  const named = one.field === undefined || errors.some(({ field }) => field === one.field || field.startsWith(`${one.field}/`));
  const right = status === one.status && (one.code ?? code) === code && named && !retryable && detail !== '' && /^[a-z0-9-]+$/.test(code);
  return right ? null : told;
}

/** A few at a time: with the whole table at once the limit of commands in work would be what is tested. */
async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>, width = 50): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += width) results.push(...(await Promise.all(items.slice(at, at + width).map(work))));
  return results;
}

test('the table covers every command', () => {
  for (const [type] of open) expect(all.filter(({ rest }) => rest === `acme.${type}`).length, type).toBeGreaterThan(20);
  expect(new Set(all.map(({ name }) => name)).size).toBeGreaterThan(1_000);
});

describe('asked', () => {
  test.each(tables)('%s', async (_, cases) => {
    expect((await inTurns(cases, wrongAnswer)).filter((wrong) => wrong !== null)).toEqual([]);
  });

  test('more than NATS takes is refused before it comes here, by the client and by the server', async () => {
    const body = 'x'.repeat(2_000_000);
    await expect(nats.request('cmd.acme.run.create', body)).rejects.toThrow('MAX_PAYLOAD_EXCEEDED');
    const raw = await openRawClient(platform.natsUrl);
    raw.publish('cmd.acme.run.create', body);
    await raw.flush();
    expect(raw.closed).toBe(true);
  });

  test('headers that are none, and no inbox to answer to', async () => {
    const raw = await openRawClient(platform.natsUrl);
    for (const lines of ['actor: a\nb\r\n', 'ac tor: x\r\n', ': x\r\n', 'nonsense\r\n']) raw.publish('cmd.acme.run.create', '{}', lines);
    for (const id of BAD_IDS) raw.publish(`cmd.acme.run.create`, JSON.stringify({ run_id: id, workflow_id: id }));
    expect(await raw.flush()).toEqual([]);
    raw.close();
  });

  test('nothing of that was appended or given up on, and every role still works', async () => {
    await expectUntouched(platform, head);
    expect(await listDeadLetters(platform.base.nats)).toEqual([]);
  });
});

describe('queued', () => {
  test('every one is a dead letter with the same code that a caller is told, and nothing else is', async () => {
    const stream = nats.jetstream();
    await inTurns(all, async (one) => stream.publish(`cmdq.${one.rest}`, one.body, { headers: headOf(one) }));
    const { base } = platform;
    const manager = await nats.jetstreamManager();
    await eventually(async () => (await manager.streams.info(STREAMS.commands)).state.messages === 0);
    const letters = new Map<string, DeadLetter>();
    for (let after = 0; ;) {
      const page = await listDeadLetters(base.nats, { after, limit: 200 });
      for (const letter of page) letters.set(letter.message_id ?? '', letter);
      if (page.length === 0) break;
      after = page.at(-1)?.id ?? after;
    }
    expect(letters.size).toBe(all.length);
    const wrong = all.flatMap((one) => {
      const letter = letters.get(one.id);
      return letter?.code === codes.get(one.id) && letter?.consumer === 'commands' && letter.deliveries === 1 ? [] : [{ ...one, body: '', letter }];
    });
    expect(wrong).toEqual([]);
  });

  test('nothing of that was appended, every role still works, and so do commands', async () => {
    await expectUntouched(platform, head);
    const workflow_id = 'after-all-that';
    const made = await nats.request('cmd.acme.workflow.create', JSON.stringify({ workflow_id, name: 'After all that' }), { timeout: 10_000 });
    expect(made.json()).toMatchObject({ ok: true, id: workflow_id });
    const done = nats.subscribe(`evt.acme.workflow.${workflow_id}.workflow.updated`, { max: 1 });
    await nats.jetstream().publish('cmdq.acme.workflow.update', JSON.stringify({ workflow_id, name: 'Still here' }));
    for await (const message of done) expect(message.json()).toMatchObject({ data: { name: 'Still here' } });
  });
});
