import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PREFIX = 'sandbox-canary-';
/** No probe takes so long. */
const ABANDONED_MS = 600_000;

/** A new folder for what guests try to reach; those of runners that were killed while they probed are removed. */
export function createCanaryFolder(home: string = tmpdir()): string {
  for (const name of readdirSync(home).filter((one) => one.startsWith(PREFIX))) {
    const folder = path.join(home, name);
    const stats = lstatSync(folder, { throwIfNoEntry: false });
    const isOwn = stats?.isDirectory() === true && (process.getuid === undefined || stats.uid === process.getuid());
    if (isOwn && Date.now() - stats.mtimeMs > ABANDONED_MS) rmSync(folder, { recursive: true, force: true });
  }
  const folder = mkdtempSync(path.join(home, PREFIX));
  // Guests have users of their own: they must be kept out by the sandbox alone.
  chmodSync(folder, 0o755);
  return folder;
}
