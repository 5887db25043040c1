import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, startInfrastructure } from '@agent-platform/embedded/index';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RoleProcess, startProcess } from '../chaos/role.process.ts';
import { createUser, type User } from '../support/user.ts';

/** The roles as images start them: bundles that `npm run build` has made, each in a process of its own. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'bundles-'));
let infrastructure: Awaited<ReturnType<typeof startInfrastructure>>;
let roles: RoleProcess[] = [];
let user: User;

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build.ts', '--if-stale'], { cwd: ROOT, stdio: 'pipe' });
  infrastructure = await startInfrastructure({ dataDir: folder, cacheDir: path.join(ROOT, '.cache'), postgres: 'native' });
  const [gateway, models, code] = await Promise.all([freePort(), freePort(), freePort()]);
  const env = {
    AGENT_PLATFORM_DATABASE_URL: infrastructure.databaseUrl,
    AGENT_PLATFORM_NATS_URL: infrastructure.natsUrl,
    AGENT_PLATFORM_HTTP_PORT: String(gateway),
    AGENT_PLATFORM_MODEL_GATEWAY_PORT: String(models),
    AGENT_PLATFORM_MODEL_GATEWAY_URL: `http://127.0.0.1:${models}`,
    AGENT_PLATFORM_CODE_RUNNER_PORT: String(code),
    AGENT_PLATFORM_CODE_RUNNER_URL: `http://127.0.0.1:${code}`,
    // A module of nodes comes as source, with copies of our classes of its own.
    AGENT_PLATFORM_NODES: fileURLToPath(new URL('./picky.nodes.ts', import.meta.url)),
    AGENT_PLATFORM_LOG_LEVEL: 'info',
  };
  const start = (role: string) => startProcess(`dist/${role}.js`, env, path.join(folder, `${role}.log`));
  roles = ['relay', 'commands', 'projector', 'executor', 'scheduler', 'gateway', 'model-gateway', 'code-runner'].map(start);
  // The last two have no word for it; the executor asks again until they are there.
  await Promise.all(roles.slice(0, 6).map(({ ready }) => ready));
  user = await createUser({ url: `http://127.0.0.1:${gateway}`, natsUrl: infrastructure.natsUrl });
}, 60_000);

afterAll(async () => {
  for (const role of roles) role.signal('SIGTERM');
  expect(await Promise.all(roles.map(({ exited }) => exited))).toEqual(roles.map(() => '0'));
  await user.close();
  await infrastructure.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('bundled roles run a workflow of a model, code, a timer and a person', async () => {
  const workflow_id = await user.publish(
    [
      { id: 'ask', type: 'llm', config: { prompt: 'Say hello to {{ input.name }}.' } },
      { id: 'count', type: 'code', config: { language: 'javascript', code: 'result = payload.text.length', input_json: { text: '{{ nodes.ask.text }}' } } },
      { id: 'wait', type: 'delay', config: { seconds: 0.1 } },
      { id: 'approve', type: 'human', config: { title: 'Send it?' } },
    ],
    [
      ['ask', 'count'],
      ['count', 'wait'],
      ['wait', 'approve'],
    ],
  );
  const runId = await user.accepted('run.create', { workflow_id, input: { name: 'Ada' } });
  const { data } = await user.event(runId, 'node.waiting', (waiting) => waiting['node_id'] === 'approve');
  await user.accepted('human_task.complete', {
    task_id: (data['wait'] as { detail: { task_id: string } }).detail.task_id,
    status: 'approved',
    completed_by: 'sam',
  });
  const { nodes } = await user.read(runId, await user.event(runId, 'run.completed'));
  expect(nodes['ask'].output_text).toContain('Ada');
  expect(nodes['count'].output_json.result_json).toBe(nodes['ask'].output_text.length);
});

test('a failure that a module of nodes throws keeps its kind and its words', async () => {
  const workflow_id = await user.publish([{ id: 'one', type: 'picky', config: {} }]);
  const runId = await user.accepted('run.create', { workflow_id });
  const { data } = await user.event(runId, 'node.failed');
  expect(data['error']).toMatchObject({ code: 'not-on-mondays', message: 'Not on Mondays.' });
});
