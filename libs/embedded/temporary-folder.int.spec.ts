import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { processIdentity } from './living.process.ts';

const HOLDER = path.join(import.meta.dirname, 'testing', 'hold-temporary-folder.ts');
const Held = z.object({ folder: z.string(), pid: z.int() });

async function hold() {
  const child = spawn(process.execPath, [HOLDER], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) return { child, ...Held.parse(JSON.parse(line)) };
  throw new Error('the holder ended without a word');
}

async function gone(folder: string): Promise<void> {
  const watcher = watch(path.dirname(folder));
  try {
    while (existsSync(folder)) await once(watcher, 'change');
  } finally {
    watcher.close();
  }
}

test.for(['SIGKILL', 'SIGTERM'] as const)('is deleted after %s, when the server in it has ended', async (signal) => {
  const { child, folder, pid } = await hold();
  expect(processIdentity(pid)).toBeDefined();
  child.kill(signal);
  await gone(folder);
  expect(processIdentity(pid)).toBeUndefined();
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
});
