import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createCanaryFolder } from './canary.folder.ts';

test('what a killed runner left of a probe goes with the next one; probes under way, links and strangers stay', () => {
  const home = mkdtempSync(path.join(tmpdir(), 'canary-home-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const put = (name: string, minutes: number): void => {
    mkdirSync(path.join(home, name));
    writeFileSync(path.join(home, name, 'file'), 'x');
    const then = Date.now() / 1000 - minutes * 60;
    utimesSync(path.join(home, name), then, then);
  };
  put('sandbox-canary-dead', 20);
  put('sandbox-canary-busy', 1);
  put('somebody-else', 20);
  symlinkSync(path.join(home, 'somebody-else'), path.join(home, 'sandbox-canary-link'));
  const made = createCanaryFolder(home);
  expect(readdirSync(home).toSorted()).toEqual([path.basename(made), 'sandbox-canary-busy', 'sandbox-canary-link', 'somebody-else'].toSorted());
  expect(existsSync(path.join(home, 'somebody-else', 'file'))).toBe(true);
});
