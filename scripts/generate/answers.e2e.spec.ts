import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, type Api, createApi } from '@agent-platform/test/support/api';
import { startTestPlatform, type TestPlatform } from '@agent-platform/test/support/platform';
import { createOpenApi } from './openapi.ts';

interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Response>> }>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>>; readonly responses: Readonly<Record<string, Response>> };
}
const openapi = createOpenApi() as OpenApi;

/** What is wrong with an answer by what the document promises of its route and status; empty: nothing. */
function broken(method: string, path: string, answer: Answer): string[] {
  const found = openapi.paths[path]?.[method]?.responses[String(answer.status)];
  const response = found?.$ref === undefined ? found : openapi.components.responses[found.$ref.split('/').at(-1) ?? ''];
  const schema = Object.values(response?.content ?? {}).find((one) => 'schema' in one)?.schema;
  if (!schema) return [`${method} ${path} promises no ${answer.status}: ${JSON.stringify(answer.body)}`];
  const text = JSON.stringify({ $ref: '#/$defs/root', $defs: { ...openapi.components.schemas, root: schema } }).replaceAll('#/components/schemas/', '#/$defs/');
  const validate = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(JSON.parse(text) as object);
  if (validate(answer.body)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${method} ${path} ${answer.status}: ${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

let platform: TestPlatform;
let api: Api;
beforeAll(async () => {
  platform = await startTestPlatform();
  api = createApi(platform.url, 'acme');
});
afterAll(() => platform?.close());

test('the gateway answers what the document promises', async () => {
  const wrong: string[] = [];
  const look = async (method: 'get' | 'post' | 'patch' | 'delete', path: string, answer: Promise<Answer>): Promise<Answer> => {
    const given = await answer;
    wrong.push(...broken(method, path, given));
    return given;
  };
  const workflow = { workflow_id: 'w', name: 'W', nodes: [{ id: 'ask', type: 'human', config: { kind: 'approval', title: 'Well?' } }], edges: [] };
  await look('post', '/workflows', api.post('/workflows', workflow));
  await look('post', '/workflows', api.post('/workflows', workflow));
  await look('post', '/workflows', api.post('/workflows', { nonsense: 1 }));
  await look('patch', '/workflows/{workflow_id}', api.patch('/workflows/w', { name: 'W 2' }));
  await look('post', '/workflows/{workflow_id}/versions', api.post('/workflows/w/versions', {}));
  const published = await look('post', '/workflows/{workflow_id}/publish', api.post('/workflows/w/publish', {}));
  await look('get', '/workflows/{workflow_id}', api.getAfter(published, '/workflows/w'));
  await look('get', '/workflows', api.get('/workflows'));
  await look('get', '/workflows/{workflow_id}/versions', api.get('/workflows/w/versions'));
  await look('get', '/workflows/{workflow_id}/plan', api.get('/workflows/w/plan'));
  await look('get', '/workflows/{workflow_id}', api.get('/workflows/none'));
  await look('post', '/workflows/validate', api.post('/workflows/validate', { nodes: [{ id: 'a', type: 'x' }], edges: [{ source: 'a', target: 'b' }] }));
  await look('post', '/workflows/plan', api.post('/workflows/plan', { nodes: [], edges: [] }));
  await look('get', '/workflows/schema', api.get('/workflows/schema'));
  await look('get', '/nodes', api.get('/nodes'));

  const app = await look('post', '/workflows/apps', api.post('/workflows/apps', { code: 'a', name: 'A' }));
  await look('post', '/workflows/apps/{app_id}/versions', api.post(`/workflows/apps/${app.body.id}/versions`, { workflow_id: 'w' }));
  await look('get', '/workflows/apps/{app_id}', api.getAfter(app, `/workflows/apps/${app.body.id}`));
  await look('get', '/workflows/apps', api.get('/workflows/apps'));
  await look('delete', '/workflows/apps/{app_id}', api.delete(`/workflows/apps/${app.body.id}`));
  const tool = await look('post', '/tools', api.post('/tools', { code: 't', name: 'T', tool_type: 'http' }));
  await look('post', '/tools/versions', api.post('/tools/versions', { tool_id: tool.body.id, invoke_config_json: { method: 'GET', path: '/' } }));
  await look('post', '/tools/bindings', api.post('/tools/bindings', { tool_id: tool.body.id }));
  await look('get', '/tools/{tool_id}', api.getAfter(tool, `/tools/${tool.body.id}`));
  await look('get', '/tools/versions', api.get('/tools/versions'));
  await look('get', '/tools/bindings', api.get('/tools/bindings'));

  const run = await look('post', '/workflows/{workflow_id}/runs', api.post('/workflows/w/runs', {}));
  const id: string = run.body.id;
  await look('post', '/workflows/{workflow_id}/execute', api.post('/workflows/w/execute', {}, { prefer: 'wait=0' }));
  await look('get', '/runtime/runs/{run_id}', api.getAfter(run, `/runtime/runs/${id}`));
  await look('get', '/runtime/runs/{run_id}/node-runs', api.get(`/runtime/runs/${id}/node-runs`));
  await look('get', '/runtime/runs', api.get('/runtime/runs'));
  const task = await look('post', '/human/tasks', api.post('/human/tasks', { task_type: 'approval', title: 'T' }));
  await look('post', '/human/tasks/{task_id}/claim', api.post(`/human/tasks/${task.body.id}/claim`, { claimed_by: 'ops' }));
  const done = await look('post', '/human/tasks/{task_id}/complete', api.post(`/human/tasks/${task.body.id}/complete`, { status: 'approved' }));
  await look('get', '/human/tasks/{task_id}', api.getAfter(done, `/human/tasks/${task.body.id}`));
  await look('get', '/human/tasks', api.get('/human/tasks'));
  await look('post', '/runtime/runs/{run_id}/cancel', api.post(`/runtime/runs/${id}/cancel`, {}));
  await look('post', '/runtime/runs/{run_id}/signal', api.post(`/runtime/runs/${id}/signal`, { name: 's' }));

  await look('post', '/events', api.post('/events', { event_type: 'order.shipped', source_service: 's', aggregate_type: 'o', aggregate_id: '1' }));
  await look('get', '/events', api.get('/events?limit=5'));
  await look('get', '/streams/{category}/{stream_id}/events', api.get(`/streams/run/${id}/events`));
  await look('get', '/streams/{category}/{stream_id}/state', api.get(`/streams/run/${id}/state?at=1`));
  const replay = await look('post', '/replays', api.post('/replays', { category: 'run', stream_id: id, delay_ms: 2000 }));
  await look('get', '/replays/{replay_id}', api.get(`/replays/${replay.body.replay_id}`));
  await look('delete', '/replays/{replay_id}', api.delete(`/replays/${replay.body.replay_id}`));
  await look('get', '/scheduler/timers', api.get('/scheduler/timers'));
  await look('get', '/services/health', api.get('/services/health'));
  await look('get', '/projections', api.get('/projections'));
  await look('get', '/consumers', api.get('/consumers'));
  const root = createApi(platform.url, 'acme', '');
  await look('get', '/health', root.get('/health'));
  await look('get', '/ready', root.get('/ready'));
  await look('get', '/models', api.get('/models'));
  await look('post', '/models/chat/completions', api.post('/models/chat/completions', { messages: [{ role: 'user', content: 'hi' }] }));
  await look('post', '/models/chat/completions', api.post('/models/chat/completions', {}));
  expect(wrong).toEqual([]);
});
