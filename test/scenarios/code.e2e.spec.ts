import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, createApi } from '../support/api.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';
import { createUser, type User } from '../support/user.ts';

const PYTHON_TIER = /^(bwrap\+cpython|pyodide)$/;
let platform: TestPlatform;
let user: User;
let api: Api;

beforeAll(async () => {
  platform = await startTestPlatform({
    env: { AGENT_PLATFORM_CODE_LANGUAGES: 'javascript,python', AGENT_PLATFORM_BWRAP_BIN: process.env['AGENT_PLATFORM_BWRAP_BIN'] ?? '' },
  });
  user = await createUser(platform);
  api = user.api;
});
afterAll(async () => {
  await user.close();
  await platform.close();
});

const sum = "result = { total: payload.numbers.reduce((a, b) => a + b), count: payload.numbers.length };\nprint('total=' + result.total);";

test('a code node works on what comes in, and what it prints and leaves goes on', async () => {
  const workflow_id = await user.publish(
    [
      {
        id: 'compute-summary',
        type: 'code',
        config: { language: 'javascript', code: sum, input_json: { numbers: '{{ input.numbers }}' }, timeout_seconds: 5 },
      },
      { id: 'show', type: 'answer', config: { template: '{{ nodes.compute-summary.text }} of {{ nodes.compute-summary.output.result_json.count }}' } },
    ],
    [['compute-summary', 'show']],
  );
  const runId = await user.accepted('run.create', { workflow_id, input: { numbers: [1, 2, 3, 4] } });
  const { nodes } = await user.read(runId, await user.event(runId, 'run.completed'));
  expect(nodes['compute-summary']).toMatchObject({
    output_text: 'total=10',
    output_json: { result_json: { total: 10, count: 4 }, tier: expect.stringMatching(/deno$/) },
  });
  expect(nodes['show'].output_text).toBe('total=10 of 4');
});

test('an exception fails its node and the run, with message and traceback', async () => {
  const workflow_id = await user.publish([{ id: 'broken', type: 'code', config: { language: 'javascript', code: '\nnothing.here()' } }]);
  const runId = await user.accepted('run.create', { workflow_id });
  await user.event(runId, 'run.failed');
  const { data } = await user.event(runId, 'node.failed');
  expect(JSON.stringify(data)).toMatch(/ReferenceError: nothing is not defined.*code\.js:2:1/);
});

test('code is run by a request, under both prefixes, and every execution is an event and can be read', async () => {
  for (const one of [api, createApi(platform.url, user.workspace, '/gateway')]) {
    const answer = await one.post('/code/execute', { language: 'javascript', code: sum, input_json: { numbers: [1, 2, 3, 4] }, timeout_seconds: 5 });
    expect(answer).toMatchObject({ status: 200, body: { status: 'completed', result_json: { total: 10, count: 4 }, stdout: 'total=10\n', error: null } });
    const event = await user.event(answer.body.id, 'code_execution.finished');
    expect(event.data).toMatchObject({ language: 'javascript', status: 'completed', tier: answer.body.tier, stdout_bytes: 9 });
    expect(await one.getAfter(answer, `/code/executions/${answer.body.id}`)).toMatchObject({
      status: 200,
      body: { status: 'completed', tier: answer.body.tier },
    });
  }
  const failed = await api.post('/code/execute', { language: 'javascript', code: 'for (;;);', timeout_seconds: 1 });
  expect(failed).toMatchObject({ status: 200, body: { status: 'failed', result_json: null, error: { code: 'code-timeout' } } });
  expect((await api.getAfter(failed, '/code/executions?status=failed')).body.items).toHaveLength(1);
});

test('a language that is not supported, or another shape, is refused with the field', async () => {
  expect(await api.post('/code/execute', { language: 'ruby', code: '1' })).toMatchObject({
    status: 400,
    body: { code: 'code-language-unsupported', errors: [{ field: '/language' }] },
  });
  expect(await api.post('/code/execute', { language: 'javascript' })).toMatchObject({ status: 400, body: { errors: [{ field: '/code' }] } });
});

test('Python has the same contract, by a request and in a node', async () => {
  const code = "total = sum(payload['numbers'])\nresult = {'total': total, 'count': len(payload['numbers'])}\nprint(f'total={total}')";
  const answer = await api.post('/code/execute', { language: 'python', code, input_json: { numbers: [1, 2, 3, 4] }, timeout_seconds: 5 });
  expect(answer.body).toMatchObject({ result_json: { total: 10, count: 4 }, stdout: 'total=10\n', tier: expect.stringMatching(PYTHON_TIER) });
  expect((await user.event(answer.body.id, 'code_execution.finished')).data).toMatchObject({ language: 'python', tier: answer.body.tier });

  const workflow_id = await user.publish(
    [
      { id: 'sum', type: 'code', config: { code, input_json: { numbers: '{{ input.numbers }}' } } },
      { id: 'broken', type: 'code', config: { code: "def f():\n  return payload['missing']\nf()" } },
    ],
    [['sum', 'broken']],
  );
  const runId = await user.accepted('run.create', { workflow_id, input: { numbers: [1, 2, 3, 4] } });
  const { nodes } = await user.read(runId, await user.event(runId, 'run.failed'));
  expect(nodes['sum']).toMatchObject({ output_text: 'total=10', output_json: { result_json: { total: 10, count: 4 }, tier: answer.body.tier } });
  expect((await user.event(runId, 'node.failed')).data).toMatchObject({
    error: {
      message: expect.stringMatching(/KeyError: 'missing'[^]*Traceback[^]*line 2, in f/),
      detail: { tier: answer.body.tier, duration_ms: expect.any(Number) },
    },
  });
});

test('the code runner is among the services, with what each language runs in', async () => {
  await expect
    .poll(async () => (await api.get('/services/health')).body.services)
    .toContainEqual(
      expect.objectContaining({
        name: 'code-runner',
        status: 'up',
        message: expect.stringMatching(/javascript: (bwrap\+)?deno; python: (bwrap\+cpython|pyodide)/),
      }),
    );
});
