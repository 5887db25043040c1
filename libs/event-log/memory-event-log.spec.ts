import { conformance } from './testing/conformance.ts';
import { createMemoryEventLog } from './testing/memory-event-log.ts';

conformance('in memory', async () => {
  const root = createMemoryEventLog();
  return {
    open: async (options) => (options?.upcast ? root.withUpcast(options.upcast) : root),
    holdOwner: async () => root.holdOwnerLock(),
    stop: async () => undefined,
  };
});
