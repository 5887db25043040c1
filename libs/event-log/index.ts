export * from './event-log.ts';
export { createEventLog, type EventLogOptions } from './create-event-log.ts';
export { openPool, type PoolOptions } from './pool.ts';
export { migrate, type MigrateOptions } from './migrate.ts';
export { checkDurability, type DurabilityOptions } from './durability.ts';
export { holdOwnerLock, type OwnerLock } from './owner-lock.ts';
export { eventIdOf, newAppendId, splitEventId } from './event-id.ts';
export type { Upcast } from './read.ts';
