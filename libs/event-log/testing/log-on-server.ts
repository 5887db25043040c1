import { createEventLog, holdOwnerLock, migrate } from '../index.ts';
import type { Harness } from './subject.ts';

/** The log on a fresh server, which is stopped with it. */
export async function logOn(server: { readonly url: string; stop(): Promise<void> }): Promise<Harness> {
  // Two at once, as two processes that start together.
  await Promise.all([migrate(server.url), migrate(server.url)]);
  return {
    open: (options) => createEventLog({ url: server.url, ...options }),
    holdOwner: () => holdOwnerLock(server.url),
    stop: () => server.stop(),
  };
}
