import path from 'node:path';
import { findNatsServer } from '@agent-platform/embedded/index';

const CACHE = path.resolve(import.meta.dirname, '..', '..', '.cache');

/**
 * Before the first test that may need NATS: finds or fetches a nats-server once, so that test files that run side by
 * side find it finished. Without one (no network) the tests that need none still run, and the others say so.
 */
export default async function provideNatsServer(): Promise<void> {
  try {
    const { file } = await findNatsServer({ cacheDir: CACHE, onProgress: (line) => process.stderr.write(`${line}\n`) });
    process.env['NATS_SERVER'] = file;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}
