export { FolderInUse } from './data-folder.ts';
export { startInfrastructure } from './infrastructure.ts';
export { PortTaken, freePort } from './loopback.port.ts';
export { findNatsServer } from './nats.binary.ts';
export { startNats } from './nats.server.ts';
export { startPglite } from './pglite.server.ts';
export { startNativePostgres } from './postgres.server.ts';
export type { RunningNats, RunningPostgres } from './running.server.ts';
export { createTemporaryFolder } from './temporary.folder.ts';
