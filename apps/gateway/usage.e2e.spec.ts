import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScriptedModel } from '@agent-platform/adapter-model-scripted';
import { type Api, createApi } from '@agent-platform/test/support/api';
import { startTestPlatform, type TestPlatform } from '@agent-platform/test/support/platform';

let platform: TestPlatform;
let api: Api;

beforeAll(async () => {
  const model = createScriptedModel({ rules: [{ text: 'Hi', usage: { prompt_tokens: 10, completion_tokens: 2 } }] });
  platform = await startTestPlatform({ recordUsage: true, model });
  api = createApi(platform.url, 'acme');
});
afterAll(() => platform.close());

const callsOf = async () => (await api.get('/billing/calls')).body.items;

test('every call of a model is an event, a row and part of the sums, linked to its run', async () => {
  const node = { id: 'answer', type: 'llm', config: { prompt: 'Greet' } };
  await api.post('/workflows', {
    workflow_id: 'greet',
    name: 'greet',
    nodes: [node, { ...node, id: 'again' }],
    edges: [{ source: 'answer', target: 'again' }],
  });
  await api.post('/workflows/greet/publish');
  const run = await api.post('/runtime/runs', { workflow_id: 'greet' }, { prefer: 'wait=20' });
  expect(run.body.status).toBe('completed');
  const client = new OpenAI({ baseURL: `${platform.url}/api/v1/models`, apiKey: 'x', maxRetries: 0, defaultHeaders: { 'x-workspace-id': 'acme' } });
  await client.chat.completions.create({ model: 'other', messages: [{ role: 'user', content: 'x' }] });

  await expect.poll(async () => (await callsOf()).length).toBe(3);
  const [last, ...ofRun] = await callsOf();
  expect(last).toMatchObject({ model: 'other', run_id: null, prompt_tokens: 10, completion_tokens: 2, complete: true, cost_usd: '0' });
  expect(ofRun.map((call: { run_id: string; node_id: string }) => [call.run_id, call.node_id])).toEqual([
    [run.body.id, 'again'],
    [run.body.id, 'answer'],
  ]);
  expect((await api.get(`/billing/calls/${last.id}`)).body).toMatchObject({ id: last.id, workspace_id: 'acme' });
  const [event] = (await api.get(`/streams/model_call/${last.id}/events`)).body.items;
  expect(event).toMatchObject({ type: 'model.called', actor: 'model-gateway', data: { model: 'other' } });

  const sums = async (query: string) => (await api.get(`/billing/usage?${query}`)).body.items;
  const whole = { calls: 3, prompt_tokens: 30, completion_tokens: 6, cost_usd: '0', unpriced_calls: 0 };
  expect(await sums('')).toEqual([{ key: null, ...whole }]);
  expect(await sums('group_by=day')).toEqual([{ key: last.day, ...whole }]);
  expect(await sums('group_by=model')).toMatchObject([
    { key: 'built-in', calls: 2 },
    { key: 'other', calls: 1 },
  ]);
  expect(await sums('group_by=run')).toMatchObject([
    { key: run.body.id, calls: 2, prompt_tokens: 20 },
    { key: null, calls: 1 },
  ]);
  expect(await sums(`run_id=${run.body.id}`)).toMatchObject([{ calls: 2 }]);
  expect(await sums('to=2020-01-01T00:00:00.000Z')).toEqual([
    { key: null, calls: 0, prompt_tokens: 0, completion_tokens: 0, cost_usd: '0', unpriced_calls: 0 },
  ]);
  const by = { prompt_tokens: 10, completion_tokens: 2, cost_usd: '0', unpriced_calls: 0 };
  expect((await api.get('/billing/agent-breakdown')).body.items).toEqual([{ agent_id: null, ...whole }]);
  await client.chat.completions.create({ model: 'other', messages: [{ role: 'user', content: 'x' }] }, { headers: { 'x-agent-id': 'ann' } });
  await expect.poll(async () => (await api.get('/billing/agent-breakdown')).body.items).toHaveLength(2);
  expect((await api.get('/billing/agent-breakdown')).body.items).toContainEqual({ agent_id: 'ann', calls: 1, ...by });
  expect((await api.get('/billing/usage/history?agent_id=ann')).body.items).toEqual([{ start: last.day, calls: 1, ...by }]);
  const hours = (await api.get('/billing/usage/history?interval=hour')).body.items;
  expect(hours[0].start).toMatch(/^\d{4}-\d\d-\d\dT\d\d:00:00\.000Z$/);
  expect(hours.reduce((sum: number, hour: { calls: number }) => sum + hour.calls, 0)).toBe(4);
  expect((await createApi(platform.url, 'other').get('/billing/usage')).body.items).toMatchObject([{ calls: 0 }]);
  expect((await api.get('/billing/usage?group_by=week')).status).toBe(400);
});

test('budgets hold for runs, skills and direct calls alike, also of a model that is free; what was spent can be seen', async () => {
  const lean = createApi(platform.url, 'lean');
  const set = await lean.post('/billing/budgets', { budget_id: 'daily', scope: 'workspace', limit_tokens: 20 });
  expect(set).toMatchObject({ status: 201, body: { id: 'daily', scope: 'workspace', period: 'day', limit_tokens: 20, limit_usd: null } });
  await lean.post('/workflows', { workflow_id: 'greet', name: 'greet', nodes: [{ id: 'answer', type: 'llm', config: { prompt: 'Greet' } }], edges: [] });
  await lean.post('/workflows/greet/publish');
  await lean.post('/skills', { skill_id: 'greeter', code: 'greeter', name: 'greeter', skill_type: 'prompt' });
  await lean.post('/skills/versions', { skill_id: 'greeter', status: 'published', runtime_type: 'prompt', implementation_json: { prompt: 'Greet' } });
  const run = () => lean.post('/runtime/runs', { workflow_id: 'greet' }, { prefer: 'wait=20' });
  expect((await run()).body.status).toBe('completed');
  const skillRun = await lean.post('/skills/runs', { skill_id: 'greeter' });
  await expect.poll(async () => (await lean.get(`/skills/runs/${skillRun.body.id}`)).body.status).toBe('completed');
  await expect.poll(async () => (await lean.get('/billing/budgets/daily/usage')).body.items[0]?.spent_tokens).toBe(24);

  const failed = await run();
  expect(failed.body).toMatchObject({ status: 'failed', error: { code: 'model-budget-exceeded', message: expect.stringContaining('24 of 20 tokens') } });
  const again = await lean.post('/skills/runs', { skill_id: 'greeter' });
  await expect.poll(async () => (await lean.get(`/skills/runs/${again.body.id}`)).body.error?.code).toBe('model-budget-exceeded');
  const client = new OpenAI({ baseURL: `${platform.url}/api/v1/models`, apiKey: 'x', maxRetries: 0, defaultHeaders: { 'x-workspace-id': 'lean' } });
  const ask = () => client.chat.completions.create({ model: 'other', messages: [{ role: 'user', content: 'x' }] });
  const refused = await ask().catch((error: unknown) => error);
  expect(refused).toMatchObject({ status: 402, code: 'budget_exceeded', error: { budget: { budget_id: 'daily', left_tokens: 0 } } });

  expect((await lean.get('/billing/calls')).body.items[0]).toMatchObject({ status: 402, provider: null, prompt_tokens: 0, cost_usd: '0', answered_from: null });
  expect((await lean.get(`/billing/calls?skill_run_id=${skillRun.body.id}`)).body.items).toMatchObject([{ prompt_tokens: 10, answered_from: 'model' }]);
  expect((await lean.get('/billing/budgets/daily/usage')).body.items).toMatchObject([
    { scope: 'workspace', subject_id: null, spent_tokens: 24, held_tokens: 0 },
  ]);

  await lean.put('/billing/budgets/daily', { scope: 'workspace', limit_tokens: 1000 });
  await ask();
  const gone = await lean.delete('/billing/budgets/daily');
  expect(gone).toMatchObject({ status: 200, body: { id: 'daily', deleted: true } });
  expect((await lean.getAfter(gone, '/billing/budgets')).body.items).toEqual([]);
  expect((await lean.post('/billing/budgets', { scope: 'workspace' })).body).toMatchObject({ status: 400, code: 'budget-invalid' });
});
