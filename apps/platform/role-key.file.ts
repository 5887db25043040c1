import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const BYTES = 32;

/** The key with which the roles of this data folder sign what they send each other: made once, readable for its owner only. */
export function roleKeyIn(dataDir: string): string {
  const file = path.join(dataDir, 'role.key');
  try {
    // The folder is locked for this platform, so nobody else makes one at the same time; one that is there stays.
    writeFileSync(file, randomBytes(BYTES).toString('hex'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
