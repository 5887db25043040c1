import { ToolConfig } from '@agent-platform/contracts/nodes/tool.config';
import { Failure } from '@agent-platform/kernel/index';
import type { DatabaseQuery, HttpRequest, Mail, Ports } from '@agent-platform/ports/index';
import { describe, expect, test } from 'vitest';
import { KEY, type Outside, runEffect } from '../testing/effect-run.ts';
import { scopeOf } from '../testing/scope-of.ts';
import type { NodeContext } from '../node.ts';
import { performBuiltin } from '../tool.builtin.ts';
import { toolNode } from '../tool.node.ts';

const call = (builtin: string, input: object, outside: Outside = {}, more: object = {}) =>
  runEffect(toolNode, { builtin, input, ...more }, scopeOf({ input: { id: 7, to: 'ann@example.test', evil: "1'; drop table x" } }), outside);
const policy = (builtin: string, input: object) =>
  toolNode.onUnknown(toolNode.request(ToolConfig.parse({ builtin, input }), scopeOf({ input: { id: 7, to: 'ann@example.test' } })) as never);

describe('postgres_query', () => {
  const input = { connection: 'shop', sql: 'select * from products where id = $1', parameters: ['{{ input.id }}'] };
  const asked: DatabaseQuery[] = [];
  const database = (query: DatabaseQuery) => {
    asked.push(query);
    return { columns: ['id'], rows: [{ id: 7 }], row_count: 1, truncated: false };
  };

  test('asks with its values as parameters, and answers rows', async () => {
    const { outcome } = await call('postgres_query', input, { database });
    expect(asked.at(-1)).toEqual({
      ...input,
      workspace_id: 'acme',
      parameters: [7],
      mode: 'read',
      max_rows: 100,
      timeout_ms: 30_000,
      secretOf: expect.any(Function),
    });
    expect(outcome).toMatchObject({
      status: 'completed',
      output_text: '[{"id":7}]',
      output_json: { builtin: 'postgres_query', result: { columns: ['id'], rows: [{ id: 7 }], row_count: 1, truncated: false } },
    });
  });
  test('no outcome has a secret that the address of the connection needed', async () => {
    const query = async ({ secretOf }: DatabaseQuery) => ({ columns: ['user'], rows: [{ user: await secretOf('user') }], row_count: 1, truncated: false });
    const signal = new AbortController().signal;
    const context = { stream: { workspace_id: 'acme' }, signal, credentialOf: async (name: string) => `the-value-of-${name}` };
    const request = { builtin: 'postgres_query' as const, input: { connection: 'shop', sql: 'select 1' }, now: null };
    const outcome = await performBuiltin(request, { database: { query } } as unknown as Ports, context as unknown as NodeContext);
    expect(outcome).toMatchObject({ status: 'completed', output_json: { result: { rows: [{ user: '***' }] } }, output_text: '[{"user":"***"}]' });
  });
  test('a statement made of pieces is refused; a whole one may come from elsewhere', async () => {
    const refused = await call('postgres_query', { ...input, sql: "select * from x where id = '{{ input.evil }}'" }, { database });
    expect(refused.outcome).toMatchObject({ error: { code: 'tool-input-invalid', message: expect.stringContaining('input.parameters') as string } });
    expect((await call('postgres_query', { ...input, sql: '{{ input.evil }}' }, { database })).outcome).toMatchObject({ status: 'completed' });
  });
  test('a read is repeated after a crash, a write is not', () => {
    expect(policy('postgres_query', input)).toBe('repeat');
    expect(policy('postgres_query', { ...input, mode: 'write' })).toBe('stop');
  });
  test.each([
    ['before it was committed', false, true],
    ['while it was committed', true, false],
  ])('a write whose connection broke %s', async (_name, sent, retryable) => {
    const broken = () => {
      throw new Failure('transient', 'database-unreachable', 'gone', { cause: Object.assign(new Error('x'), { sent }) });
    };
    const { outcome } = await call('postgres_query', { ...input, mode: 'write' }, { database: broken });
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'database-unreachable', retryable } });
  });
});

describe('email', () => {
  const input = { to: '{{ input.to }}', subject: 'Order {{ input.id }}', text: 'It is on its way.' };
  const sent: Mail[] = [];
  const mail = (one: Mail) => {
    sent.push(one);
    return { message_id: '<a@b>', accepted: [...one.to], rejected: [], response: '250 ok' };
  };

  test('is sent under the key of its effect', async () => {
    const { outcome } = await call('email', input, { mail });
    expect(sent.at(-1)).toMatchObject({ to: ['ann@example.test'], cc: [], subject: 'Order 7', text: 'It is on its way.', key: KEY });
    expect(outcome).toMatchObject({ output_json: { builtin: 'email', result: { sent: true, dry_run: false, message_id: '<a@b>' } } });
  });
  test('a dry run is recorded at once, and nothing is sent', async () => {
    const before = sent.length;
    const { outcome, immediate } = await call('email', { ...input, dry_run: true, attachments: [{ filename: 'a.txt', content: 'abc' }] }, { mail });
    expect(immediate).toBe(true);
    expect(outcome).toMatchObject({
      output_json: { result: { sent: false, dry_run: true, mail: { to: ['ann@example.test'], attachments: [{ filename: 'a.txt', characters: 3 }] } } },
    });
    expect(sent).toHaveLength(before);
  });
  test('is not sent again after a crash', () => {
    expect(policy('email', input)).toBe('stop');
    expect(policy('email', { ...input, dry_run: true })).toBe('repeat');
  });
  test('a password is a secret, or refused', async () => {
    const server = { host: 'mail.example.test', user: 'me' };
    const { outcome } = await call('email', { ...input, server: { ...server, password: 'in clear' } }, { mail });
    expect(outcome).toMatchObject({ error: { code: 'tool-input-invalid', message: expect.stringContaining('secrets') as string } });
    const request = { builtin: 'email' as const, input: { ...input, server: { ...server, password: '*secrets.mail*' } }, now: null };
    const filled = toolNode.fill?.(request, (text) => text.replace('*secrets.mail*', 'the-password'));
    expect(filled).toMatchObject({ input: { server: { password: 'the-password', user: 'me' }, subject: 'Order {{ input.id }}' } });
  });
});

describe('http', () => {
  const asked: HttpRequest[] = [];
  const http = (request: HttpRequest) => {
    asked.push(request);
    return { text: '{"ok":true}' };
  };

  test('sends what it is told, and answers like any tool', async () => {
    const input = { url: 'https://a.test/x', method: 'post', query: { q: '{{ input.id }}' }, headers: { 'X-A': 1 }, body: { id: '{{ input.id }}' } };
    const { outcome } = await call('http', input, { http });
    expect(asked.at(-1)).toMatchObject({ method: 'POST', url: 'https://a.test/x?q=7', headers: { 'x-a': '1', 'idempotency-key': KEY }, body: '{"id":7}' });
    expect(outcome).toMatchObject({ output_json: { tool: null, response: { status: 200, json: { ok: true } } } });
  });
  test('a GET is repeated after a crash, a POST is not', () => {
    expect(policy('http', { url: 'https://a.test/' })).toBe('repeat');
    expect(policy('http', { url: 'https://a.test/', method: 'POST' })).toBe('stop');
  });
});

test('knowledge_search finds passages, and records that it did', async () => {
  const hit = {
    chunk_id: 'c1',
    document_id: 'd1',
    title: 'Refunds',
    index_version: 1,
    position: 0,
    start: 0,
    end: 5,
    heading: null,
    page: null,
    text: 'Refunds take five days.',
    metadata: {},
    keyword_score: 0.1,
    vector_score: 0.9,
    score: 0.95,
  };
  const embedding = { space: 'local/hash/384', fallback_used: false, fallback_reason: null, other_spaces: false };
  const knowledge = () => ({ hits: [hit], embedding, vector_search: 'scan' as const, duration_ms: 1 });
  const { outcome, commands } = await call('knowledge_search', { knowledge_base_id: 'desk', query: 'refund {{ input.id }}' }, { knowledge });
  expect(outcome).toMatchObject({
    output_text: 'Refunds take five days.',
    output_json: { builtin: 'knowledge_search', input: { query: 'refund 7' }, result: { documents: [{ id: 'd1', score: 0.95 }] } },
  });
  expect(commands).toMatchObject([{ type: 'retrieval.record', data: { query: 'refund 7', run_id: 'run-1' } }]);
});

describe('any of them', () => {
  test.each([
    ['postgres_query', {}],
    ['postgres_query', { connection: 'a', sql: 'select 1', write: true }],
    ['postgres_query', { connection: 'a', sql: 'select 1', max_rows: 0 }],
    ['email', { subject: 'x' }],
    ['email', { to: [], subject: 7 }],
    ['http', { url: '' }],
    ['http', { url: 'https://a.test', method: 'GET /' }],
    ['http', { url: 'https://a.test', headers: { a: 'b\r\nc: d' } }],
    ['http', { url: 'not an address' }],
    ['knowledge_search', { query: 'x' }],
    ['knowledge_search', { knowledge_base_id: 'a b', query: 'x' }],
  ])('%s %j is refused and nothing is called', async (builtin, input) => {
    const { outcome, commands, http } = await call(builtin, input);
    expect(outcome).toMatchObject({ status: 'failed', error: { code: expect.stringMatching(/^tool-(?:input|url|header)-invalid$/) as string } });
    expect([...commands, ...http]).toEqual([]);
  });

  test('waits for a person as long as it is told', async () => {
    const config = { requires_approval: true, approval_timeout_seconds: 60 };
    const { outcome, commands, request } = await runEffect(
      toolNode,
      { builtin: 'email', input: { to: 'a@b.test', subject: 'x' }, ...config },
      scopeOf({ now: '2030-01-01T00:00:00.000Z' }),
    );
    expect(outcome).toMatchObject({ status: 'waiting', wait: { due_at: '2030-01-01T00:01:00.000Z' } });
    expect(commands).toMatchObject([{ data: { due_at: '2030-01-01T00:01:00.000Z' } }]);
    expect(toolNode.resume?.(request as never, { timed_out: true })).toMatchObject({
      error: { code: 'tool-not-approved', message: expect.stringContaining('nobody answered in time') as string },
    });
  });

  test('can be made to wait for a person, and goes on with the same request', async () => {
    const { outcome, request, commands } = await call('email', { to: 'a@b.test', subject: 'x' }, {}, { requires_approval: true });
    expect(outcome).toMatchObject({ status: 'waiting', wait: { for: 'human_task' } });
    expect(commands).toMatchObject([{ type: 'human_task.create', data: { payload_json: { builtin: 'email', input: { subject: 'x' } } } }]);
    expect(toolNode.resume?.(request as never, { status: 'rejected', completed_by: 'ann' })).toMatchObject({ error: { code: 'tool-not-approved' } });
    expect(toolNode.resume?.(request as never, { status: 'approved', completed_by: 'ann' })).toMatchObject({
      status: 'again',
      request: { builtin: 'email', approval: { approved_by: 'ann' } },
    });
    expect((await call('calculator', { expression: '1 + 1' }, {}, { requires_approval: true })).outcome).toMatchObject({ status: 'waiting' });
  });
});
