import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readAddresses, writeAddresses } from './addresses.file.ts';

test('a running platform is found by its data folder; one that was killed, or a file that is torn, is not', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'addresses-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const running = { pid: process.pid, url: 'http://127.0.0.1:8001', nats_url: 'nats://127.0.0.1:1', database_url: 'postgresql://x@127.0.0.1:2/x' };
  expect(readAddresses(folder)).toBeUndefined();
  writeAddresses(folder, running);
  expect(readAddresses(folder)).toEqual(running);
  // Beyond the highest pid that Linux gives out.
  writeAddresses(folder, { ...running, pid: 2 ** 22 + 1 });
  expect(readAddresses(folder)).toBeUndefined();
  writeFileSync(path.join(folder, 'addresses.json'), '{"pid":');
  expect(readAddresses(folder)).toBeUndefined();
});
