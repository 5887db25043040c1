import { describe } from 'vitest';
import { createEventLog, holdOwnerLock, migrate } from './index.ts';
import { conformance } from './testing/conformance.ts';
import type { Harness } from './testing/subject.ts';
import { hasNativePostgres, startNativePostgres } from './testing/native-postgres.ts';
import { startPglite } from './testing/pglite-server.ts';

const on = async (server: { readonly url: string; stop(): Promise<void> }): Promise<Harness> => {
  // Two at once, as two processes that start together.
  await Promise.all([migrate(server.url), migrate(server.url)]);
  return {
    open: (options) => createEventLog({ url: server.url, ...options }),
    holdOwner: () => holdOwnerLock(server.url),
    stop: () => server.stop(),
  };
};

conformance('on PGlite', async () => on(await startPglite()));
describe.skipIf(!hasNativePostgres())('native', () => {
  conformance('on Postgres', async () => on(await startNativePostgres()));
});
