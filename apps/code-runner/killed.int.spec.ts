import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ROLE_FLAGS } from '@agent-platform/service/role-flags';

let runner: ChildProcess;
let url = '';

beforeEach(async () => {
  runner = spawn(process.execPath, [...ROLE_FLAGS, new URL('./main.ts', import.meta.url).pathname], {
    env: { ...process.env, AGENT_PLATFORM_CODE_RUNNER_PORT: '0', AGENT_PLATFORM_CODE_CONCURRENCY: '2', AGENT_PLATFORM_LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (runner.stdout === null) throw new Error('It has no output.');
  for await (const line of createInterface({ input: runner.stdout })) {
    const said = JSON.parse(line) as { url?: string; msg?: string; message?: string };
    url = said.url ?? url;
    if ((said.msg ?? said.message) === 'the sandbox is ready') break;
  }
  runner.stdout.resume();
}, 60_000);
afterEach(() => {
  runner.kill('SIGKILL');
});

/** Processes of its guests, also of those that wait. */
const guests = (): number =>
  readdirSync('/proc').filter((entry) => {
    try {
      return /^\d+$/.test(entry) && readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes(`agent-platform-guest-${runner.pid}-`);
    } catch {
      return false;
    }
  }).length;

const endless = (language: string, code: string, signal?: AbortSignal): Promise<unknown> =>
  fetch(`${url}/code/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ language, code, timeout_seconds: 25 }),
    ...(signal && { signal }),
  }).catch((error: unknown) => error);

const running = async (): Promise<unknown> => ((await (await fetch(`${url}/ready`)).json()) as { running: number }).running;

test.skipIf(process.platform !== 'linux')(
  'a caller that goes away ends its run; a runner that is killed takes its guests along, also those that wait',
  async () => {
    const caller = new AbortController();
    const givenUp = endless('javascript', 'for (;;);', caller.signal);
    const cut = endless('python', 'while True: pass');
    await expect.poll(running).toBe(2);
    caller.abort();
    await givenUp;
    await expect.poll(running).toBe(1);
    await expect.poll(guests).toBeGreaterThan(1);
    runner.kill('SIGKILL');
    await cut;
    await expect.poll(guests, { interval: 20 }).toBe(0);
  },
);
