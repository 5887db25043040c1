import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSandbox, type Sandbox } from './sandbox.ts';
import type { Attack } from './testing/attack.ts';
import { JAVASCRIPT_ATTACKS } from './testing/javascript.attacks.ts';
import { PYTHON_ATTACKS } from './testing/python.attacks.ts';
import { type Language, MARK } from './tier.ts';

const SECRET = 'kingfisher-7261';
const folder = mkdtempSync(path.join(tmpdir(), 'attacks-'));
const canary = path.join(folder, 'canary.json');
let connections = 0;
const listener = createServer((socket) => {
  connections++;
  socket.destroy();
});
let sandbox: Sandbox;
let port: number;

beforeAll(async () => {
  writeFileSync(canary, JSON.stringify(SECRET), { mode: 0o644 });
  await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
  process.env['CANARY_SECRET'] = SECRET;
  sandbox = await openSandbox({
    pythonBin: process.env['AGENT_PLATFORM_PYTHON_BIN'] ?? 'python',
    bwrapBin: process.env['AGENT_PLATFORM_BWRAP_BIN'] ?? 'bwrap',
    maxTimeoutMs: 30_000,
    warmJavascript: 2,
    warmPython: 0,
  });
}, 60_000);
afterAll(async () => {
  await sandbox.close();
  delete process.env['CANARY_SECRET'];
  listener.close();
  rmSync(folder, { recursive: true });
  expect(guests()).toEqual([]);
});

/** What an attack leaves behind when it can: a program of its own, without the mark. */
const SLEEPER = '1000.7261';

/** Processes of guests, also of those that wait. */
const guests = (): readonly string[] =>
  readdirSync('/proc').filter((entry) => {
    try {
      if (!/^\d+$/.test(entry)) return false;
      const line = readFileSync(`/proc/${entry}/cmdline`, 'utf8');
      return line.includes(MARK) || line.includes(SLEEPER);
    } catch {
      return false;
    }
  });

/** Two at a time: each has to hold while another one does its worst. */
const lanes: Promise<void>[] = [Promise.resolve(), Promise.resolve()];
let turn = 0;
function inLane(work: () => Promise<void>): Promise<void> {
  const lane = turn++ % lanes.length;
  const done = (lanes[lane] ?? Promise.resolve()).then(work);
  lanes[lane] = done.catch(() => undefined);
  return done;
}

/** The limit of time is real time: what else the machine is doing then is not the guest's fault. */
const BUSY = { timeout: 30_000, retry: 2 };

async function attack(language: Language, { code, timeout = 1_000, gets }: Attack): Promise<void> {
  const armed = code
    .replaceAll('CANARY_SECRET', SECRET)
    .replaceAll('CANARY', canary)
    .replaceAll('PORT', String(port))
    .replaceAll('RUNNER', String(process.pid));
  await sandbox.warm();
  const began = performance.now();
  const outcome = await sandbox.run({ language, code: armed, input_json: null, timeout_ms: timeout }, { signal: new AbortController().signal });
  expect(performance.now() - began).toBeLessThan(timeout + 1_000);
  // The code of the attack itself may hold the secret, and an error may quote it.
  if (!armed.includes(SECRET)) expect(JSON.stringify(outcome)).not.toContain(SECRET);
  if (gets !== undefined && outcome.status === 'completed') expect(gets).toContain(outcome.result_json);
  expect(connections).toBe(0);
}

describe.concurrent('JavaScript', () => {
  test('has 70 attacks or more, each once', () => {
    expect(new Set(JAVASCRIPT_ATTACKS.map(({ id }) => id)).size).toBe(JAVASCRIPT_ATTACKS.length);
    expect(JAVASCRIPT_ATTACKS.length).toBeGreaterThanOrEqual(70);
  });
  test.for(JAVASCRIPT_ATTACKS.map((one) => [one.id, one] as const))('%s is contained', BUSY, async ([, one]) => inLane(() => attack('javascript', one)));
});

describe.concurrent('Python', () => {
  test('has 60 attacks or more, each once', () => {
    expect(new Set(PYTHON_ATTACKS.map(({ id }) => id)).size).toBe(PYTHON_ATTACKS.length);
    expect(PYTHON_ATTACKS.length).toBeGreaterThanOrEqual(60);
  });
  test.for(PYTHON_ATTACKS.map((one) => [one.id, one] as const))('%s is contained', BUSY, async ([, one], context) => {
    const { python } = sandbox.languages;
    if ('unavailable' in python) context.skip(`no Python here: ${python.unavailable}`);
    await inLane(() => attack('python', one));
  });
});
