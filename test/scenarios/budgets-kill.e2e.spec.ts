import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RoleProcess, startProcess } from '../chaos/role.process.ts';
import { createApi } from '../support/api.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';

/** Two model gateways as processes of their own; a provider that answers some questions never. */
let platform: TestPlatform;
const folder = mkdtempSync(path.join(tmpdir(), 'budgets-kill-'));
const running: RoleProcess[] = [];
let asked: () => void = () => undefined;
const stalled = new Promise<void>((resolve) => (asked = resolve));
const provider = createServer((request, response) => {
  let text = '';
  request.on('data', (part: Buffer) => (text += part.toString()));
  request.on('end', () => {
    if (text.includes('never')) return asked();
    const body = {
      id: '1',
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 40, completion_tokens: 60 },
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  platform = await startTestPlatform();
});
afterAll(async () => {
  for (const one of running) one.signal('SIGKILL');
  await Promise.all(running.map(({ exited }) => exited));
  await platform.close();
  provider.closeAllConnections();
  provider.close();
  rmSync(folder, { recursive: true, force: true });
});

async function gateway(name: string): Promise<{ readonly process: RoleProcess; readonly client: OpenAI }> {
  const log = path.join(folder, `${name}.log`);
  const env = {
    AGENT_PLATFORM_DATABASE_URL: platform.databaseUrl,
    AGENT_PLATFORM_NATS_URL: platform.natsUrl,
    AGENT_PLATFORM_MODEL_GATEWAY_PORT: '0',
    AGENT_PLATFORM_PROVIDER_BASE_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`,
    AGENT_PLATFORM_LEASE_SECONDS: '1',
    AGENT_PLATFORM_LOG_LEVEL: 'info',
  };
  const process = startProcess('apps/model-gateway/main.ts', env, log);
  running.push(process);
  let url = '';
  await expect.poll(() => (url = /"url":"([^"]+)"/.exec(readFileSync(log, 'utf8'))?.[1] ?? '')).not.toBe('');
  return { process, client: new OpenAI({ baseURL: `${url}/models`, apiKey: 'x', maxRetries: 0, defaultHeaders: { 'x-workspace-id': 'acme' } }) };
}

const ask = (client: OpenAI, content: string) => client.chat.completions.create({ model: 'm', max_tokens: 60, messages: [{ role: 'user', content }] });

test('what a killed gateway held back is free again after its lease, and nothing of it counts as spent', async () => {
  const api = createApi(platform.url, 'acme');
  await api.post('/billing/budgets', { budget_id: 'b', scope: 'workspace', period: 'total', limit_tokens: 90 });
  const [one, other] = await Promise.all([gateway('one'), gateway('other')]);
  const lost = ask(one.client, `never ${'x'.repeat(100)}`).catch(() => 'lost');
  await stalled;
  one.process.signal('SIGKILL');
  expect(await lost).toBe('lost');
  // Waits for the end of the lease, and is the one call that may go beyond the limit.
  expect((await ask(other.client, 'hello')).choices[0]?.message.content).toBe('hi');
  await expect(ask(other.client, 'hello')).rejects.toMatchObject({
    status: 402,
    code: 'budget_exceeded',
    error: { budget: { spent_tokens: 100, held_tokens: 0 } },
  });
  const [account] = (await api.get('/billing/budgets/b/usage')).body.items;
  const { items } = (await api.get(`/streams/budget_account/${account.id}/events`)).body;
  expect(items.map(({ type }: { type: string }) => type.split('.')[1]).filter((type: string) => type !== 'kept')).toEqual([
    'reserved',
    'released',
    'reserved',
    'settled',
  ]);
});
