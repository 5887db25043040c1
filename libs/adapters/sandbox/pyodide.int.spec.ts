import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findDeno } from './programs.ts';
import { findPyodide, pyodideSnapshot } from './pyodide.ts';
import { openSandbox } from './sandbox.ts';

const { signal } = new AbortController();
const before = process.env['TMPDIR'];
let home: string;
let snapshot: string;
let make: (folder: string) => Promise<string>;

/** A temporary folder of its own, with the snapshot that other tests made. */
beforeAll(async () => {
  const [deno, pyodide] = [findDeno(), findPyodide()];
  if (!('file' in deno) || !('folder' in pyodide)) throw new Error('Deno or Pyodide is not installed.');
  make = (folder) => pyodideSnapshot(deno.file, pyodide.folder, signal, folder);
  const made = await make(tmpdir());
  home = mkdtempSync(path.join(tmpdir(), 'pyodide-'));
  chmodSync(home, 0o755);
  snapshot = made.replace(tmpdir(), home);
  mkdirSync(path.dirname(snapshot));
  copyFileSync(made, snapshot);
  process.env['TMPDIR'] = home;
}, 60_000);
afterAll(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  rmSync(home, { recursive: true });
});

test('a snapshot that is swept away is made anew', { timeout: 60_000 }, async () => {
  const sandbox = await openSandbox({
    languages: ['python'],
    pythonBin: 'python',
    bwrapBin: 'no-bubblewrap',
    maxTimeoutMs: 30_000,
    warmJavascript: 0,
    warmPython: 0,
  });
  const run = () => sandbox.run({ language: 'python', code: 'result = payload', input_json: 1, timeout_ms: 5_000 }, { signal });
  expect(await run()).toMatchObject({ result_json: 1, tier: 'pyodide' });
  rmSync(snapshot);
  const unfinished = `${snapshot}.0123456789ab`;
  writeFileSync(unfinished, '');
  utimesSync(unfinished, 0, 0);
  expect(await run()).toMatchObject({ result_json: 1, tier: 'pyodide' });
  expect([existsSync(snapshot), existsSync(unfinished)]).toEqual([true, false]);
  await sandbox.close();
});

test('a folder that others can write to is refused', async () => {
  const open = path.join(home, 'open');
  mkdirSync(path.join(open, path.basename(path.dirname(snapshot))), { recursive: true });
  chmodSync(path.join(open, path.basename(path.dirname(snapshot))), 0o777);
  await expect(make(open)).rejects.toThrow(/must be a folder of this user that others can't write to/);
});
