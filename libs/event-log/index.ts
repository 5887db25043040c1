export * from './event-log.ts';
export { createEventLog } from './create-event-log.ts';
export { openPool } from './pool.ts';
export { migrate } from './migrate.ts';
export { checkDurability } from './durability.ts';
export { holdOwnerLock, type OwnerLock } from './owner-lock.ts';
export type { Upcast } from './read.ts';
