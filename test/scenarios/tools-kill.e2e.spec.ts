import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RoleProcess, startProcess } from '../chaos/role.process.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';
import { type MailCatcher, startMailCatcher } from '../support/tool-servers.ts';
import { createUser, type User } from '../support/user.ts';

/** Executors as processes of their own, which are killed while a mail and a write are under way; the other roles are in this one. */
let platform: TestPlatform;
let user: User;
let database: Client;
let mails: MailCatcher;
const arrived = Promise.withResolvers<void>();
const acknowledged = Promise.withResolvers<void>();
const folder = mkdtempSync(path.join(tmpdir(), 'tools-kill-'));
const running = new Set<RoleProcess>();

beforeAll(async () => {
  mails = await startMailCatcher(() => {
    if (mails.caught.length === 2) arrived.resolve();
    return acknowledged.promise;
  });
  platform = await startTestPlatform();
  await platform.stop('executor');
  user = await createUser(platform);
  database = new Client({ connectionString: platform.databaseUrl });
  await database.connect();
  await database.query('create table orders (run text not null)');
});
afterAll(async () => {
  acknowledged.resolve();
  for (const executor of running) await kill(executor);
  await database.end();
  await user.close();
  await platform.close();
  await mails.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(name: string): RoleProcess {
  const env = {
    AGENT_PLATFORM_DATABASE_URL: platform.databaseUrl,
    AGENT_PLATFORM_NATS_URL: platform.natsUrl,
    AGENT_PLATFORM_MODEL_GATEWAY_URL: platform.config.AGENT_PLATFORM_MODEL_GATEWAY_URL,
    AGENT_PLATFORM_TOOL_DATABASES: JSON.stringify({ shop: { url: platform.databaseUrl, write: true, timeout_seconds: 120 } }),
    AGENT_PLATFORM_SMTP_URL: mails.url,
    AGENT_PLATFORM_SMTP_FROM: 'agent@platform.test',
    AGENT_PLATFORM_WORKER_KEY: name,
    AGENT_PLATFORM_LEASE_SECONDS: '2',
    AGENT_PLATFORM_LOG_LEVEL: 'info',
  };
  const executor = startProcess('apps/executor/main.ts', env, path.join(folder, `${name}.log`));
  running.add(executor);
  return executor;
}

async function kill(executor: RoleProcess): Promise<void> {
  executor.signal('SIGKILL');
  await executor.exited;
  running.delete(executor);
}

/** As long as the test may take. */
const PATIENT = { timeout: 120_000 };
const LOCK = 42;
const countOf = async (sql: string): Promise<number> => Number((await database.query(sql)).rows[0].count);
const blocked = () => countOf("select count(*) from pg_locks where locktype = 'advisory' and not granted");
const mail = { to: 'ann@example.test', subject: 'Your order', text: 'On its way.' };

test('a mail and a write whose executor is killed are not done twice: their outcome is unknown, until a person says what became of them', async () => {
  await database.query(`select pg_advisory_lock(${LOCK})`);
  const sql = `with made as (insert into orders values ($1) returning run) select run, pg_advisory_xact_lock(${LOCK})::text from made`;
  const workflow_id = await user.publish([
    { id: 'mail', type: 'tool', config: { builtin: 'email', input: mail, timeout_seconds: 120 } },
    {
      id: 'write',
      type: 'tool',
      config: { builtin: 'postgres_query', input: { connection: 'shop', sql, parameters: ['{{ input.order }}'], mode: 'write' }, timeout_seconds: 120 },
    },
  ]);
  const run_id = await user.accepted('run.create', { workflow_id, input: { order: 'o-1' } });
  const call_id = await user.accepted('tool_call.create', { builtin: 'email', input: mail, timeout_seconds: 120 });
  const first = start('first');
  await arrived.promise;
  await expect.poll(blocked, PATIENT).toBe(1);
  await kill(first);
  await database.query(`select pg_advisory_unlock(${LOCK})`);
  start('second');

  const unknown = async (node: string) => user.event(run_id, 'node.outcome_unknown', (data) => data['node_id'] === node);
  const { id: event_id } = (await Promise.all([unknown('mail'), unknown('write')])).toSorted((one, two) => two.version - one.version)[0] ?? { id: '' };
  const { items } = (await user.api.get(`/runtime/runs/${run_id}/tool-calls?read_after=${event_id}`)).body;
  expect(items.map(({ builtin, status }: { builtin: string; status: string }) => [builtin, status]).toSorted()).toEqual([
    ['email', 'unknown'],
    ['postgres_query', 'unknown'],
  ]);
  expect((await user.event(call_id, 'tool_call.failed')).data['error']).toMatchObject({ code: 'outcome-unknown' });
  expect(mails.caught).toHaveLength(2);
  // The killed transaction is over, and has left nothing.
  await expect.poll(() => countOf("select count(*) from pg_stat_activity where application_name = 'agent-platform tool'"), PATIENT).toBe(0);
  expect(await countOf('select count(*) from orders')).toBe(0);

  const resolve = async (node_id: string, data: object) =>
    expect((await user.api.post(`/runtime/runs/${run_id}/nodes/${node_id}/resolve`, data)).status).toBe(200);
  await resolve('mail', { resolution: 'completed' });
  await resolve('write', { resolution: 'retry' });
  await user.event(run_id, 'run.completed');
  expect(await countOf("select count(*) from orders where run = 'o-1'")).toBe(1);
  expect(mails.caught).toHaveLength(2);
});
