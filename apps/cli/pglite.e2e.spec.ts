import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPlatform, type TestPlatform } from '@agent-platform/test/support/platform';
import { runAp } from './testing/run-ap.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform({ postgres: 'pglite', env: { AGENT_PLATFORM_ALLOW_UNSAFE_POSTGRES: 'true' } });
});
afterAll(() => platform?.close());

test('read models are verified and rebuilt on a database with one session', async () => {
  const env = { AGENT_PLATFORM_DATABASE_URL: platform.databaseUrl };
  const made = await fetch(`${platform.url}/api/v1/workflows/apps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: 'shop', name: 'Shop' }),
  });
  const { log, id } = (await made.json()) as { id: string; log: { event_id: string } };
  await fetch(`${platform.url}/api/v1/workflows/apps/${id}?read_after=${log.event_id}`);
  for (const args of [
    ['verify', 'app'],
    ['rebuild', 'app'],
    ['verify', 'app'],
  ]) {
    const { code, stderr, stdout } = await runAp(['projections', ...args], env);
    expect(code, stderr + stdout).toBe(0);
  }
});
