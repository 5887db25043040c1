import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const DEMO = fileURLToPath(new URL('../../apps/platform/demo.ts', import.meta.url));

interface Outcome {
  readonly code: number | null;
  readonly output: string;
  /** What the customers are told. */
  readonly answers: string;
}

/** Runs the demo; `onLine` hears each line and the pids it has printed. */
function runDemo(onLine: (line: string, pids: Readonly<Record<string, number>>) => void = () => undefined): Promise<Outcome> {
  const child = spawn(process.execPath, [DEMO], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } });
  let output = '';
  let seen = 0;
  const pids: Record<string, number> = {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const lines = output.split('\n');
    for (; seen < lines.length - 1; seen++) {
      const line = lines[seen] ?? '';
      for (const [, name = '', pid] of line.matchAll(/(PGlite|nats-server|roles) (\d+)/g)) pids[name] = Number(pid);
      onLine(line, pids);
    }
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return new Promise((resolve) => {
    child.once('close', (code) => {
      if (code !== 0) process.stderr.write(errors);
      resolve({ code, output, answers: /\n4\. .*?\n(.*?)\n\n5\. /s.exec(output)?.[1] ?? '' });
    });
  });
}

const EQUAL = /the state folded from \d+ events equals the read model: 11 fields of the run, 9 of 9 nodes/;
let undisturbed: Outcome;

test('the demo answers five tickets and proves that a replay equals the read model', async () => {
  undisturbed = await runDemo();
  const { code, output, answers } = undisturbed;
  expect(code).toBe(0);
  for (const ticket of ['T-1041', 'T-1042', 'T-1043', 'T-1044', 'T-1045']) expect(answers).toMatch(new RegExp(`${ticket} .* completed`));
  expect(answers).toContain('refunded within');
  expect(answers).toContain('Dear Ms Nguyen, a colleague will call you about order A-2231.');
  expect(output).toMatch(/T-1042 .* attempt 2 follows: GET \/orders\/A-2213 answered with status 503/);
  expect(output).toMatch(/T-1041 .* Sam: approved/);
  expect(output).toMatch(EQUAL);
});

/** A process, and the line at which it is killed: while the runs are made, worked on, and waiting for a person. */
const KILLS = [
  ['roles', /^3\. /],
  ['nats-server', /classify/],
  ['PGlite', /waits for a person/],
] as const;

test.for(KILLS)('killing %s in the middle costs time and changes no answer', async ([victim, moment]) => {
  let killed = false;
  const { code, output, answers } = await runDemo((line, pids) => {
    const pid = pids[victim];
    if (killed || pid === undefined || !moment.test(line)) return;
    killed = true;
    process.kill(pid, 'SIGKILL');
  });
  expect(killed).toBe(true);
  expect(code).toBe(0);
  expect(answers).toBe(undisturbed.answers);
  expect(output).toMatch(EQUAL);
});

test('a demo that is killed leaves neither its processes nor its data behind', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'killed-demo-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const watcher = watch(folder);
  onTestFinished(() => watcher.close());
  const child = spawn(process.execPath, [DEMO], { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, NO_COLOR: '1', TMPDIR: folder } });
  const pids: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    for (const [, pid] of line.matchAll(/(?:PGlite|nats-server|roles) (\d+)/g)) pids.push(Number(pid));
    if (line.startsWith('3. ')) break;
  }
  const left = (): string[] => readdirSync(folder).filter((name) => name.startsWith('agent-platform-demo-'));
  expect(left()).toHaveLength(1);
  child.kill('SIGKILL');
  while (left().length > 0) await once(watcher, 'change');
  expect(pids).toHaveLength(3);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});
