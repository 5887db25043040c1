import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RunningPlatform, startPlatform } from '@agent-platform/app-platform/platform';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canaryFinder, filesOf, listsOf, rowsOf } from '../support/canaries.ts';
import { type CarelessServer, startCarelessServer } from '../support/careless-server.ts';
import { createUser, type User } from '../support/user.ts';

/** Words that nobody may ever find again, by where they were given. */
const canary = (): string => `canary${randomBytes(12).toString('hex')}`;
const SECRETS = {
  binding: canary(),
  version: canary(),
  node: canary(),
  source: canary(),
  update: canary(),
  named: canary(),
  rotated: canary(),
  hook: canary(),
  mcp: canary(),
  mail: canary(),
  step: canary(),
  database: canary(),
  operatorMail: canary(),
  provider: canary(),
};
const PASSWORD = 90_210_777_123;

let shop: CarelessServer;
const callsOf = (asked: string) => shop.callsOf(asked);
let dataDir: string;
let base: string;
let platform: RunningPlatform;
let user: User;
const restarted: string[] = [];
const seen: string[] = [];

beforeAll(async () => {
  shop = await startCarelessServer();
  ({ base } = shop);
  dataDir = mkdtempSync(path.join(tmpdir(), 'tool-secrets-'));
  const env = {
    AGENT_PLATFORM_EGRESS_ALLOW: `${shop.host},127.0.0.1:1`,
    AGENT_PLATFORM_LOG_LEVEL: 'trace',
    AGENT_PLATFORM_PROVIDER_BASE_URL: `${base}/provider`,
    AGENT_PLATFORM_PROVIDER_API_KEY: SECRETS.provider,
    AGENT_PLATFORM_TOOL_DATABASES: JSON.stringify({ away: { url: `postgresql://reader:${SECRETS.database}@127.0.0.1:1/shop` } }),
    AGENT_PLATFORM_SMTP_URL: `smtp://agent:${SECRETS.operatorMail}@127.0.0.1:1`,
    AGENT_PLATFORM_SMTP_FROM: 'agent@platform.test',
  };
  platform = await startPlatform({ dataDir, port: 0, processes: true, env, tell: (line) => void restarted.push(line) });
  user = await createUser(platform);
  // Everything on the wire but the commands themselves, which bring the secrets in.
  user.nats.subscribe('>', {
    callback: (_, message) =>
      void (message.subject.startsWith('cmd.') || seen.push(`${message.subject} ${JSON.stringify([...(message.headers ?? [])])} ${message.string()}`)),
  });
  await user.nats.flush();
});
afterAll(async () => {
  await user.close();
  await platform.close();
  shop.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** A write over HTTP, whose answer is kept to be looked through. */
async function post(route: string, body: object): Promise<{ id: string }> {
  const answer = await user.api.post(route, body);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  seen.push(JSON.stringify(answer.body));
  return answer.body;
}

async function runOf(nodes: readonly object[], end: 'run.completed' | 'run.failed'): Promise<string> {
  const workflow = await post('/workflows', { name: 'Secrets', dsl_yaml: JSON.stringify({ nodes, edges: [] }) });
  await post(`/workflows/${workflow.id}/versions`, { dsl_json: { nodes, edges: [] } });
  await post(`/workflows/${workflow.id}/publish`, {});
  const run_id = await user.accepted('run.create', { workflow_id: workflow.id, input: { token: 'from-the-input' } });
  await user.event(run_id, end);
  return run_id;
}

let binding: string;

test('a call has the real secrets, whoever was given them and however often it is made', async () => {
  const tool_id = await user.accepted('tool.create', { code: 'shop', name: 'Shop', tool_type: 'http' });
  const headers = { 'X-Api-Key': SECRETS.version, 'x-password': PASSWORD, 'x-shop': 'open' };
  await user.accepted('tool.create_version', { tool_id, invoke_config_json: { method: 'GET', headers } });
  const config_json = { base_url: base, headers: { Authorization: `Bearer ${SECRETS.binding}` } };
  binding = (await post('/tools/bindings', { tool_id, config_json })).id;
  // The same again is the same: sealing gives no other binding.
  expect(await user.command('tool.create_binding', { tool_id, tool_binding_id: binding, config_json })).toMatchObject({ ok: true, log: { event_id: null } });

  const nodes = [
    {
      id: 'call',
      type: 'tool',
      config: { tool_binding_id: binding, path: 'orders', headers: { Cookie: `session=${SECRETS.node}`, 'x-auth-token': '{{ input.token }}' } },
    },
    { id: 'look', type: 'knowledge-retrieval', config: { query: 'a', source_url: `${base}/documents`, headers: { 'x-token': SECRETS.source } } },
  ];
  const run_id = await runOf(nodes, 'run.completed');
  expect(callsOf('/orders').map((call) => call.headers)).toMatchObject([
    {
      authorization: `Bearer ${SECRETS.binding}`,
      'x-api-key': SECRETS.version,
      'x-password': String(PASSWORD),
      cookie: `session=${SECRETS.node}`,
      'x-auth-token': 'from-the-input',
      'x-shop': 'open',
    },
  ]);
  expect(callsOf('/documents')).toMatchObject([{ headers: { 'x-token': SECRETS.source } }]);

  const started = await user.event(run_id, 'node.started', (data) => data['node_id'] === 'call');
  const sealed = expect.stringMatching(/^sealed\.v2\./) as string;
  expect(started.data['request']).toMatchObject({ headers: { authorization: sealed, cookie: sealed, 'x-auth-token': sealed, 'x-shop': 'open' } });
  const { nodes: read } = await user.read(run_id, await user.event(run_id, 'run.completed'));
  expect(read['call'].output_json.response.json).toMatchObject({ token: '***', headers: { authorization: '***', 'x-shop': 'open' } });
});

test('what was sealed may be saved again, in its own workspace and header only', async () => {
  const { body } = await user.api.get(`/tools/bindings/${binding}`);
  const { authorization, Authorization } = body.config_json.headers;
  const sealed: string = Authorization ?? authorization;
  const save = (headers: object) => user.command('tool.create_binding', { tool_id: body.tool_id, config_json: { base_url: base, headers } });
  expect(await save({ authorization: sealed })).toMatchObject({ ok: true, entity: { config_json: { headers: { authorization: sealed } } } });
  for (const headers of [{ 'x-api-key': sealed }, { authorization: `${sealed}A` }, { authorization: `sealed.v1.${'A'.repeat(60)}` }])
    expect(await save(headers)).toMatchObject({
      ok: false,
      problem: { code: 'tool-config-secret', errors: [{ field: expect.stringContaining('/config_json/headers/') }] },
    });
  expect(
    await user.command('tool.create_binding', { tool_id: body.tool_id, config_json: { base_url: `http://me:${SECRETS.update}@shop.test` } }),
  ).toMatchObject({
    ok: false,
    problem: { status: 400, errors: [{ field: '/config_json/base_url', remedy: expect.stringContaining('authorization') }] },
  });
});

test('an error that repeats the secrets does not bring them into the log', async () => {
  const run_id = await runOf([{ id: 'call', type: 'tool', config: { tool_binding_id: binding, path: 'broken' } }], 'run.failed');
  expect(callsOf('/broken')).toMatchObject([{ headers: { authorization: `Bearer ${SECRETS.binding}` } }]);
  const { data } = await user.event(run_id, 'node.failed');
  expect(data['error']).toMatchObject({ code: 'http-status', message: expect.stringContaining('***') });
});

test('after a crash in the middle of the call it is made again, with the same secrets and the same key', async () => {
  const workflow_id = await user.publish([{ id: 'call', type: 'tool', config: { tool_binding_id: binding, path: 'slow' } }]);
  const draft = { workflow_id, nodes: [{ id: 'a', type: 'tool', config: { url: base, headers: { 'x-token': SECRETS.update } } }] };
  const run_id = await user.accepted('run.create', { workflow_id });
  await shop.slow;
  const executor = platform.pids()['executor'];
  if (executor === undefined) throw new Error('there is no executor');
  process.kill(executor, 'SIGKILL');
  await user.event(run_id, 'run.completed');
  const [first, second] = callsOf('/slow').map(({ headers }) => headers);
  expect(second).toMatchObject({ authorization: `Bearer ${SECRETS.binding}`, 'idempotency-key': first?.['idempotency-key'] });
  expect(await user.command('workflow.update', draft)).toMatchObject({ ok: true });
});

test('a named secret is referred to by its name, and has its value at the moment of the call alone', async () => {
  const view = { name: 'shop', description: 'Token of the shop' };
  expect(await post('/secrets', { ...view, value: SECRETS.named })).toMatchObject(view);
  const tool_id = await user.accepted('tool.create', { code: 'named', name: 'Named', tool_type: 'http' });
  await user.accepted('tool.create_version', { tool_id, invoke_config_json: { method: 'POST', path: '/hooks/{{ secrets.shop }}' } });
  const bound = { base_url: base, headers: { Authorization: 'Bearer {{ secrets.shop }}' } };
  const tool_binding_id = await user.accepted('tool.create_binding', { tool_id, config_json: bound });
  const config = { tool_binding_id, query: { key: '{{ secrets.shop }}' }, body: { key: '{{ secrets.shop }}', text: '{{ input.token }}' } };
  const nodes = [{ id: 'call', type: 'tool', config }];

  const run_id = await runOf(nodes, 'run.completed');
  expect(callsOf(`/hooks/${SECRETS.named}?key=${SECRETS.named}`)).toMatchObject([{ headers: { authorization: `Bearer ${SECRETS.named}` } }]);
  const started = await user.event(run_id, 'node.started');
  expect(started.data['request']).toMatchObject({
    url: `${base}/hooks/*secrets.shop*?key=*secrets.shop*`,
    headers: { authorization: 'Bearer *secrets.shop*' },
    body: '{"key":"*secrets.shop*","text":"from-the-input"}',
  });

  expect(await user.api.get('/secrets/shop')).toMatchObject({ status: 200, body: { ...view, version: 1 } });
  expect(await post('/secrets/shop/rotate', { value: SECRETS.rotated })).toMatchObject(view);
  await runOf(nodes, 'run.completed');
  expect(callsOf(`/hooks/${SECRETS.rotated}?key=${SECRETS.rotated}`)).toHaveLength(1);

  expect((await user.api.delete('/secrets/shop')).status).toBe(200);
  const calledBefore = shop.calls.length;
  const failed = await runOf(nodes, 'run.failed');
  expect((await user.event(failed, 'node.failed')).data['error']).toMatchObject({ code: 'secret-missing' });
  expect(shop.calls).toHaveLength(calledBefore);
});

/** Calls a tool outside of runs, and keeps the answers; the call as it ended. */
async function callOf(body: object) {
  const { id } = await post('/tools/calls', body);
  const { id: event_id } = await Promise.race([user.event(id, 'tool_call.completed'), user.event(id, 'tool_call.failed')]);
  const { body: call } = await user.api.get(`/tools/calls/${id}?read_after=${event_id}`);
  seen.push(JSON.stringify(call));
  return call;
}

test('a secret that is a whole address is told by its name, whatever the server makes of it', async () => {
  await post('/secrets', { name: 'hook', value: `${base}/hooks/of/${SECRETS.hook}` });
  const call = (input: object) => [{ id: 'call', type: 'tool', config: { builtin: 'http', input } }];
  const headers = { authorization: 'Bearer {{ secrets.hook }}' };
  const run_id = await runOf(call({ url: '{{ secrets.hook }}', headers }), 'run.completed');
  expect(callsOf(`/hooks/of/${SECRETS.hook}`)).toHaveLength(1);
  const { data } = await user.event(run_id, 'node.completed');
  expect(data['output_json']).toMatchObject({
    request: { url: '{{ secrets.hook }}' },
    response: { json: { base64: expect.stringContaining('***') as string, hex: '***' } },
  });
  const cut = await runOf(call({ url: `${base}/cut`, headers }), 'run.failed');
  expect((await user.event(cut, 'node.failed')).data['error']).toMatchObject({ message: expect.stringMatching(/x\*\*\*$/) as string });
});

test('a step of a skill has its secret for the call alone, and code is given none', async () => {
  await post('/secrets', { name: 'step', value: SECRETS.step });
  const { id: skill_id } = await post('/skills', { code: 'echo', name: 'Echo' });
  const steps = [{ id: 'call', url: `${base}/hooks/of/step`, headers: { authorization: 'Bearer {{ secrets.step }}' } }];
  await post('/skills/versions', { skill_id, status: 'published', runtime_type: 'tool', implementation_json: { steps } });
  const show = 'print(JSON.stringify(payload)); result = payload';
  const input_json = { told: '{{ nodes.skill.output }}', asked: '{{ secrets.step }}' };
  const nodes = [
    { id: 'skill', type: 'skill', config: { skill_id } },
    { id: 'show', type: 'code', config: { language: 'javascript', code: show, input_json } },
  ];
  const run_id = await user.accepted('run.create', { workflow_id: await user.publish(nodes, [['skill', 'show']]) });
  await user.event(run_id, 'run.completed');
  expect(callsOf('/hooks/of/step')).toMatchObject([{ headers: { authorization: `Bearer ${SECRETS.step}` } }]);
  const { data } = await user.event(run_id, 'node.completed', ({ node_id }) => node_id === 'show');
  const echoed = { base64: expect.stringContaining('***') as string, hex: '***', form: '***' };
  expect(data['output_json']).toMatchObject({ result_json: { told: { response: { json: echoed } }, asked: null } });
});

test('a person who is asked sees references, and no values', async () => {
  await post('/secrets', { name: 'asked', value: SECRETS.named });
  const input = { url: `${base}/hooks/of/{{ secrets.asked }}`, method: 'POST', body: { key: '{{ secrets.asked }}' } };
  const workflow_id = await user.publish([{ id: 'call', type: 'tool', config: { builtin: 'http', input, requires_approval: true } }]);
  const run_id = await user.accepted('run.create', { workflow_id });
  const { data } = await user.event(run_id, 'node.waiting');
  const { task_id } = (data['wait'] as { detail: { task_id: string } }).detail;
  expect((await user.event(task_id, 'human_task.created')).data).toMatchObject({
    request_payload_json: { url: `${base}/hooks/of/{{ secrets.asked }}`, body: '{"key":"{{ secrets.asked }}"}' },
  });
  await user.accepted('human_task.complete', { task_id, status: 'approved', completed_by: 'ann' });
  await user.event(run_id, 'run.completed');
  expect(callsOf(`/hooks/of/${SECRETS.named}`)).toHaveLength(1);
});

test('mail servers, databases, MCP servers and providers of models get theirs, and errors of theirs tell nothing', async () => {
  await post('/secrets', { name: 'mail', value: SECRETS.mail });
  const mail = { to: 'ann@example.test', subject: 'x' };
  const server = { host: '127.0.0.1', port: 1, user: 'me', password: '{{ secrets.mail }}' };
  const ofRun = async (builtin: string, input: object) =>
    (await user.event(await runOf([{ id: 'a', type: 'tool', config: { builtin, input } }], 'run.failed'), 'node.failed')).data['error'];
  expect(await ofRun('email', { ...mail, server, from: 'me@example.test' })).toMatchObject({ code: 'mail-unreachable' });
  expect(await callOf({ builtin: 'email', input: mail })).toMatchObject({ error: { code: 'mail-unreachable' } });
  const query = { connection: 'away', sql: 'select $1::text', parameters: ['{{ secrets.mail }}'] };
  expect(await ofRun('postgres_query', query)).toMatchObject({ code: 'database-unreachable' });

  await post('/secrets', { name: 'mcp', value: SECRETS.mcp });
  const config = { transport: 'streamable_http', url: `${base}/mcp`, headers: { authorization: 'Bearer {{ secrets.mcp }}' } };
  const { id } = await post('/mcp/servers', { name: 'Careless', config });
  await user.event(id, 'mcp_server.discovery_failed');
  expect(callsOf('/mcp')[0]?.headers).toMatchObject({ authorization: `Bearer ${SECRETS.mcp}` });

  const failed = await runOf([{ id: 'ask', type: 'llm', config: { prompt: 'Hello' } }], 'run.failed');
  expect((await user.event(failed, 'node.failed')).data['error']).toMatchObject({ code: expect.any(String) });
  expect(callsOf('/provider/chat/completions')[0]?.headers).toMatchObject({ authorization: `Bearer ${SECRETS.provider}` });
});

test('no secret is in the database, on the disk, on the wire, in an answer or in a log line', async () => {
  const finds = canaryFinder([...Object.values(SECRETS), String(PASSWORD)]);
  seen.push(...(await listsOf(user.api)));
  expect(seen.length).toBeGreaterThan(100);
  for (const text of seen) expect(finds(text), text.slice(0, 300)).toEqual([]);

  const rows = await rowsOf(platform.databaseUrl);
  expect(rows.length).toBeGreaterThan(50);
  for (const { table, row } of rows) expect(finds(row), `${table}: ${row.slice(0, 300)}`).toEqual([]);

  const files = filesOf(dataDir);
  expect(files.filter(({ name }) => name.endsWith('.log')).length).toBeGreaterThan(0);
  for (const { name, text } of files) expect(finds(text), name).toEqual([]);
});
