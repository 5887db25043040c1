import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RoleProcess, startProcess } from '../chaos/role.process.ts';
import { type Api, createApi } from '../support/api.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';
import { createUser, type User } from '../support/user.ts';

/** Executors as processes of their own that kill themselves at a named point; the other roles are in this one. */
let platform: TestPlatform;
let user: User;
let api: Api;
let shop: Server;
const keys: string[] = [];
const folder = mkdtempSync(path.join(tmpdir(), 'skills-kill-'));
const running = new Set<RoleProcess>();

beforeAll(async () => {
  shop = createServer((request, response) => {
    keys.push(String(request.headers['idempotency-key']));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"done":true}');
  });
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  platform = await startTestPlatform();
  await platform.stop('executor');
  user = await createUser(platform);
  api = createApi(platform.url, user.workspace);
});
afterAll(async () => {
  for (const executor of running) {
    executor.signal('SIGKILL');
    await executor.exited;
  }
  await user.close();
  await platform.close();
  shop.closeAllConnections();
  shop.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(name: string, crash?: string): RoleProcess {
  const env = {
    AGENT_PLATFORM_DATABASE_URL: platform.databaseUrl,
    AGENT_PLATFORM_NATS_URL: platform.natsUrl,
    AGENT_PLATFORM_MODEL_GATEWAY_URL: platform.config.AGENT_PLATFORM_MODEL_GATEWAY_URL,
    AGENT_PLATFORM_EGRESS_ALLOW: address(),
    AGENT_PLATFORM_WORKER_KEY: name,
    AGENT_PLATFORM_LEASE_SECONDS: '2',
    AGENT_PLATFORM_LOG_LEVEL: 'info',
    ...(crash !== undefined && { AGENT_PLATFORM_CRASH_POINT: crash }),
  };
  const executor = startProcess('apps/executor/main.ts', env, path.join(folder, `${name}.log`));
  running.add(executor);
  return executor;
}

const address = (): string => `127.0.0.1:${(shop.address() as { port: number }).port}`;

async function chain(code: string, method: string): Promise<string> {
  const tool = await api.post('/tools', { code, name: code, tool_type: 'http' });
  await api.post('/tools/versions', { tool_id: tool.body.id, invoke_config_json: { method, url: `http://${address()}/${code}` } });
  const skill = await api.post('/skills', { code, name: code });
  const steps = ['one', 'two'].map((id) => ({ id, tool_id: tool.body.id }));
  await api.post('/skills/versions', { skill_id: skill.body.id, status: 'published', runtime_type: 'tool', implementation_json: { steps } });
  return (await api.post('/skills/runs', { skill_id: skill.body.id })).body.id as string;
}

test('a run outlives the SIGKILL of its executor: what may be repeated goes out again under its key, what may not never does', async () => {
  const safe = await chain('read', 'GET');
  for (const [name, point] of [
    ['first', 'executor.after-intent'],
    ['second', 'executor.after-effect'],
  ] as const) {
    const executor = start(name, point);
    expect(await executor.exited).toBe('SIGKILL');
    running.delete(executor);
  }
  const healthy = start('third');
  await user.event(safe, 'skill_run.completed');
  const own = keys.filter((key) => key.includes(safe));
  expect(own.length).toBeGreaterThan(2);
  expect([...new Set(own)]).toEqual(['one', 'two'].map((step) => `${user.workspace}/skill_run/${safe}/${step}`));
  expect(user.seen(safe).filter(({ type }) => type === 'skill_run.step_completed')).toHaveLength(2);
  healthy.signal('SIGKILL');
  await healthy.exited;
  running.delete(healthy);

  const unsafe = await chain('write', 'POST');
  const dying = start('fourth', 'executor.after-effect');
  expect(await dying.exited).toBe('SIGKILL');
  running.delete(dying);
  start('fifth');
  const { data } = await user.event(unsafe, 'skill_run.failed');
  expect(data).toMatchObject({ error: { code: 'skill-outcome-unknown' } });
  expect(keys.filter((key) => key.includes(unsafe))).toHaveLength(1);
});
