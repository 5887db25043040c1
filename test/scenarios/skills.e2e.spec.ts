import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { ChatRequest, ModelPort } from '@agent-platform/ports/model.port';
import { listDeadLetters } from '@agent-platform/messaging/dead-letters';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Api, createApi } from '../support/api.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';
import { createUser, type User } from '../support/user.ts';

let platform: TestPlatform;
let user: User;
let api: Api;
let shop: Server;
const calls: { readonly url: string; readonly headers: IncomingHttpHeaders }[] = [];
/** What the shop answers to the next requests, before it answers as it should. */
const statuses: number[] = [];
const chats: ChatRequest[] = [];
/** What the model says to the next requests; without one it never answers. */
const replies: string[] = [];

const model: ModelPort = {
  async chat(request, { signal, onToken }) {
    chats.push(request);
    const text = replies.shift();
    if (text === undefined) return new Promise((_, refuse) => signal.addEventListener('abort', () => refuse(signal.reason as Error), { once: true }));
    for (const word of text.split(/(?<= )/)) onToken?.(word);
    return { text, model: 'test', finish_reason: 'stop', usage: null };
  },
};

beforeAll(async () => {
  shop = createServer((request, response) => {
    calls.push({ url: request.url ?? '', headers: request.headers });
    const status = statuses.shift();
    if (status !== undefined) return void response.writeHead(status).end();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: 7, path: request.url }));
  });
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  platform = await startTestPlatform({ egressAllow: [shopAddress()], model });
  user = await createUser(platform);
  api = createApi(platform.url, user.workspace);
});
afterAll(async () => {
  await user.close();
  await platform.close();
  shop.closeAllConnections();
  shop.close();
});

const shopAddress = (): string => `127.0.0.1:${(shop.address() as { port: number }).port}`;
const id = (): string => randomUUID().slice(0, 8);

/** A skill with one published version. */
async function skill(runtime_type: string, implementation_json: object, more: object = {}): Promise<string> {
  const made = await api.post('/skills', { code: `s-${id()}`, name: 'A skill', skill_type: 'template' });
  const version = await api.post('/skills/versions', { skill_id: made.body.id, status: 'published', runtime_type, implementation_json, ...more });
  expect(version).toMatchObject({ status: 201 });
  return made.body.id as string;
}

/** A run as it stands once its last event is there. */
async function ended(created: Answer, type = 'skill_run.completed'): Promise<Answer['body']> {
  expect(created).toMatchObject({ status: 201, body: { status: 'queued' } });
  const { id: last } = await user.event(created.body.id as string, type);
  return (await api.get(`/skills/runs/${created.body.id}?read_after=${last}`)).body;
}
const run = async (skill_id: string, input_json: object, type?: string) => ended(await api.post('/skills/runs', { skill_id, input_json }), type);

describe('template runs', () => {
  test('SK-05, SK-06 the example of the source document gives Hello Lucas', async () => {
    const skill_id = await skill('template', { template: 'Hello $name' }, { parameter_schema_json: { name: { type: 'string' } } });
    const done = await run(skill_id, { name: 'Lucas' });
    expect(done).toMatchObject({ status: 'completed', output_text: 'Hello Lucas', output_json: 'Hello Lucas', number: 1 });
    expect(user.seen(done.id).map(({ type }) => type)).toEqual(['skill_run.created', 'skill_run.started', 'skill_run.completed']);
    expect((await api.get(`/skills/runs?skill_id=${skill_id}&status=completed`)).body.items).toMatchObject([{ id: done.id }]);
  });

  test('SK-06 a run that waits for /execute is executed by it at once', async () => {
    const skill_id = await skill('template', { template: 'Hello $name' });
    const made = await api.post('/skills/runs', { skill_id, input_json: { name: 'Lucas' }, auto_execute: false });
    expect(made).toMatchObject({ status: 201, body: { status: 'queued' } });
    const done = await api.post(`/skills/runs/${made.body.id}/execute`, { worker_key: 'skill-worker-1' });
    expect(done.body).toMatchObject({ status: 'completed', output_text: 'Hello Lucas', worker_key: 'skill-worker-1' });
    expect((await api.post(`/skills/runs/${made.body.id}/execute`, {})).body.status).toBe('completed');
  });

  test('SK-07 a missing parameter fails the run and is named', async () => {
    const skill_id = await skill('template', { template: '$$5 for ${name}$x' });
    expect(await run(skill_id, { name: 'Ann' }, 'skill_run.failed')).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('"x"') } });
    expect(await run(skill_id, { name: '$x', x: '!' })).toMatchObject({ output_text: '$5 for $x!' });
  });

  test('SK-08 parameters that do not fit are refused at creation', async () => {
    const skill_id = await skill('template', { template: 'Hello $name' }, { parameter_schema_json: { name: { type: 'string', required: true } } });
    for (const input_json of [{}, { name: 7 }]) {
      const refused = await api.post('/skills/runs', { skill_id, input_json });
      expect(refused).toMatchObject({
        status: 400,
        body: { code: 'skill-input-invalid', errors: [{ field: '/input_json', rule: expect.stringContaining('name') }] },
      });
    }
  });

  test('SK-09 an output that does not fit fails the run, with path and rule', async () => {
    const output_schema_json = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
    const skill_id = await skill('template', { template: '{"n": $n}' }, { output_schema_json });
    expect(await run(skill_id, { n: 7 })).toMatchObject({ output_json: { n: 7 } });
    expect(await run(skill_id, { n: '"x"' }, 'skill_run.failed')).toMatchObject({
      error: { code: 'skill-output-invalid', message: expect.stringContaining('n must be number') },
    });
  });
});

describe('prompt runs', () => {
  test('ask the model with the filled template, tokens live', async () => {
    const skill_id = await skill('prompt', { system_prompt: 'Be $mood.', prompt: 'Greet ${name}', temperature: 0 });
    replies.push('Hello {{ input.name }} $name');
    const tokens: string[] = [];
    const live = user.nats.subscribe(`live.${user.workspace}.skill_run.*.tokens`, {
      callback: (_error, message) => void tokens.push(message.json<{ text: string }>().text),
    });
    await user.nats.flush();
    const done = await run(skill_id, { name: '{{ x }} $mood', mood: 'kind' });
    expect(done).toMatchObject({ status: 'completed', output_text: 'Hello {{ input.name }} $name' });
    await expect.poll(() => tokens.join('')).toBe('Hello {{ input.name }} $name');
    live.unsubscribe();
    expect(chats.at(-1)?.messages).toEqual([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Greet {{ x }} $mood' },
    ]);
    expect(user.seen(done.id).map(({ type }) => type.split('.')[1])).toEqual(['created', 'started', 'step_started', 'step_completed', 'completed']);
  });

  test('are cancelled, and end when their time is over', async () => {
    const skill_id = await skill('prompt', { prompt: 'wait' });
    const one = await api.post('/skills/runs', { skill_id });
    await user.event(one.body.id, 'skill_run.step_started');
    expect((await api.post(`/skills/runs/${one.body.id}/cancel`, { reason: 'enough' })).body).toMatchObject({ status: 'cancelled' });
    const two = await api.post('/skills/runs', { skill_id, timeout_seconds: 0.5 });
    expect(await ended(two, 'skill_run.failed')).toMatchObject({ status: 'failed', error: { code: 'skill-run-timeout' } });
  });
});

test('code runs find the parameters as payload; what they leave in result is the output', async () => {
  const code = 'result = { doubled: payload.n * 2, text: payload.text };';
  const skill_id = await skill('code', { language: 'javascript', code, timeout_seconds: 20 }, { output_schema_json: { doubled: { type: 'number' } } });
  expect(await run(skill_id, { n: 21, text: '{{ input.n }}' })).toMatchObject({ status: 'completed', output_json: { doubled: 42, text: '{{ input.n }}' } });
  expect(await run(skill_id, { n: 'x'.repeat(3), text: '' }, 'skill_run.failed')).toMatchObject({ status: 'failed' });
  const failing = await skill('code', { language: 'javascript', code: 'payload.none.more', timeout_seconds: 20 });
  expect(await run(failing, {}, 'skill_run.failed')).toMatchObject({ error: { code: 'code-exception', detail: { tier: expect.stringContaining('deno') } } });
});

test('tool runs call one tool after the other, each with its key and what came before', async () => {
  const made = await api.post('/tools', { code: `t-${id()}`, name: 'Shop', tool_type: 'http' });
  await api.post('/tools/versions', { tool_id: made.body.id, invoke_config_json: { base_url: `http://${shopAddress()}`, path: '/orders' } });
  const steps = [
    { id: 'find', tool_id: made.body.id, query: { q: '{{ input.q }}' } },
    { id: 'show', tool_id: made.body.id, path: '/orders/{{ nodes.find.output.response.json.id }}' },
  ];
  const skill_id = await skill('tool', { steps, output: { second: '{{ nodes.show.output.response.json.id }}' } });
  const done = await run(skill_id, { q: 'tea' });
  expect(done).toMatchObject({ status: 'completed', output_json: { second: 7 } });
  expect(calls.slice(-2).map(({ url, headers }) => [url, headers['idempotency-key']])).toEqual([
    ['/orders?q=tea', `${user.workspace}/skill_run/${done.id}/find`],
    ['/orders/7', `${user.workspace}/skill_run/${done.id}/show`],
  ]);
});

describe('steps', () => {
  const shop = async (method: string, more: object = {}): Promise<string> => {
    const made = await api.post('/tools', { code: `t-${id()}`, name: 'Shop', tool_type: 'http' });
    const version = await api.post('/tools/versions', { tool_id: made.body.id, invoke_config_json: { method, url: `http://${shopAddress()}/x`, ...more } });
    expect(version.status).toBe(201);
    return made.body.id as string;
  };

  test('that fail for a reason that may pass are tried again, under one key, and not for ever', async () => {
    const step = { id: 'get', tool_id: await shop('GET'), retry: { max_attempts: 3, delay_ms: 20 } };
    const skill_id = await skill('tool', { steps: [step] });
    statuses.push(503, 429);
    const done = await run(skill_id, {});
    expect(done).toMatchObject({ status: 'completed', output_json: { response: { status: 200 } } });
    expect(new Set(calls.slice(-3).map(({ headers }) => headers['idempotency-key']))).toEqual(new Set([`${user.workspace}/skill_run/${done.id}/get`]));
    expect(user.seen(done.id).filter(({ type }) => type === 'skill_run.step_retry_scheduled')).toMatchObject([
      { data: { attempt: 2 } },
      { data: { attempt: 3 } },
    ]);
    const { id: end } = await user.event(done.id, 'skill_run.completed');
    const listed = (await api.get(`/skills/runs/${done.id}/tool-calls?read_after=${end}`)).body.items as object[];
    const call = { source: 'skill', skill_run_id: done.id, step_id: 'get', tool_id: step.tool_id };
    expect(listed.toReversed()).toMatchObject([
      { ...call, id: `${done.id}:get:1`, status: 'failed' },
      { ...call, id: `${done.id}:get:2`, status: 'failed' },
      { ...call, id: `${done.id}:get:3`, status: 'completed' },
    ]);
    statuses.push(503, 503, 503);
    expect(await run(skill_id, {}, 'skill_run.failed')).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('503') } });
    const before = calls.length;
    statuses.push(404);
    expect(await run(skill_id, {}, 'skill_run.failed')).toMatchObject({ error: { message: expect.stringContaining('404') } });
    expect(calls.length).toBe(before + 1);
  });

  test('whose tool wants an approval wait for a person, and are done once it says yes', async () => {
    const skill_id = await skill('tool', { steps: [{ id: 'order', tool_id: await shop('POST', { requires_approval: true }) }] });
    const answered = async (how: string, end: string): Promise<Answer['body']> => {
      const made = await api.post('/skills/runs', { skill_id });
      const { data } = await user.event(made.body.id, 'skill_run.step_asked');
      const before = calls.length;
      const { id: asked } = await user.event(data['task_id'] as string, 'human_task.created');
      const [task] = (await api.get(`/human/tasks?run_id=${made.body.id}&read_after=${asked}`)).body.items;
      expect(task).toMatchObject({ id: data['task_id'], task_type: 'approval', status: 'pending' });
      if (how === 'cancel') await api.post(`/skills/runs/${made.body.id}/cancel`);
      else await api.post(`/human/tasks/${task.id}/complete`, { status: how, completed_by: 'ada' });
      const done = await ended(made, end);
      expect(calls.length - before).toBe(how === 'approved' ? 1 : 0);
      if (how === 'cancel') await user.event(task.id, 'human_task.cancelled');
      return done;
    };
    expect(await answered('approved', 'skill_run.completed')).toMatchObject({ status: 'completed', output_json: { response: { status: 200 } } });
    expect(await answered('rejected', 'skill_run.failed')).toMatchObject({ error: { code: 'tool-not-approved' } });
    expect(await answered('cancel', 'skill_run.cancelled')).toMatchObject({ status: 'cancelled' });
  });
});

describe('workflow runs', () => {
  test('are child runs, followed by their events', async () => {
    const workflow_id = await user.publish([{ id: 'say', type: 'answer', config: { template: 'Hello {{ input.name }}' } }]);
    const skill_id = await skill('workflow', { workflow_id });
    const done = await run(skill_id, { name: 'Lucas' });
    expect(done).toMatchObject({ status: 'completed', output_text: 'Hello Lucas', child_run_id: `sr-${done.id}` });
    expect((await api.get(`/runtime/runs/sr-${done.id}`)).body.status).toBe('completed');
  });

  test('fail with their child, and take it along when they are cancelled', async () => {
    const failing = await skill('workflow', { workflow_id: await user.publish([{ id: 'w', type: 'tool', config: { url: 'http://127.0.0.1:9/' } }]) });
    expect(await run(failing, {}, 'skill_run.failed')).toMatchObject({ error: { code: 'skill-child-run-failed' } });
    const waiting = await skill('workflow', { workflow_id: await user.publish([{ id: 'w', type: 'wait', config: { signal: 'never' } }]) });
    const made = await api.post('/skills/runs', { skill_id: waiting });
    await user.event(made.body.id, 'skill_run.step_waiting');
    await api.post(`/skills/runs/${made.body.id}/cancel`);
    await user.event(`sr-${made.body.id}`, 'run.cancelled');
    expect(await run(await skill('workflow', { workflow_id: 'none' }), {}, 'skill_run.failed')).toMatchObject({ error: { code: 'workflow-not-found' } });
  });
});

describe('the skill node', () => {
  test('takes the run of its skill along when its own is cancelled, and that its workflow', async () => {
    const skill_id = await skill('workflow', { workflow_id: await user.publish([{ id: 'w', type: 'wait', config: { signal: 'never' } }]) });
    const runId = await user.accepted('run.create', { workflow_id: await user.publish([{ id: 's', type: 'skill', config: { skill_id } }]) });
    const { data } = await user.event(runId, 'node.waiting');
    const skillRun = (data['wait'] as { detail: { skill_run_id: string } }).detail.skill_run_id;
    await user.event(skillRun, 'skill_run.step_waiting');
    await api.post(`/runtime/runs/${runId}/cancel`);
    expect((await user.event(skillRun, 'skill_run.cancelled')).data).toMatchObject({ reason: 'run cancelled' });
    await user.event(`sr-${skillRun}`, 'run.cancelled');
  });

  test('runs a skill inside a workflow', async () => {
    const skill_id = await skill('template', { template: 'Hello $name' });
    const workflow_id = await user.publish(
      [
        { id: 'greet', type: 'skill', config: { skill_id, input: { name: '{{ input.name }}' } } },
        { id: 'say', type: 'answer', config: { template: '{{ nodes.greet.text }}!' } },
      ],
      [{ source: 'greet', target: 'say' }],
    );
    const runId = await user.accepted('run.create', { workflow_id, input: { name: 'Lucas' } });
    expect((await user.event(runId, 'run.completed')).data).toMatchObject({ output_text: 'Hello Lucas!' });
  });

  test('fails with the skill, and when it is not installed where it should be', async () => {
    const skill_id = await skill('template', { template: 'Hello $name' });
    const failing = await user.publish([{ id: 'greet', type: 'skill', config: { skill_id } }]);
    expect((await user.event(await user.accepted('run.create', { workflow_id: failing }), 'run.failed')).data).toMatchObject({
      error: { code: 'skill-parameter-missing' },
    });
    const refused = await user.publish([{ id: 'greet', type: 'skill', config: { skill_id, install_scope: 'workspace' } }]);
    expect((await user.event(await user.accepted('run.create', { workflow_id: refused }), 'run.failed')).data).toMatchObject({
      error: { code: 'skill-not-installed' },
    });
  });
});

test('answers of people reach the one run that waits for them; nothing is given up on', async () => {
  const runId = await user.accepted('run.create', {
    workflow_id: await user.publish([{ id: 'ask', type: 'human', config: { kind: 'approval', title: 'Well?' } }]),
  });
  const { data } = await user.event(runId, 'node.waiting');
  await user.accepted('human_task.complete', { task_id: (data['wait'] as { detail: { task_id: string } }).detail.task_id, status: 'approved' });
  await user.event(runId, 'run.completed');
  expect(await listDeadLetters(platform.base.nats)).toEqual([]);
});
