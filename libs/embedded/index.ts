export { FolderInUse } from './data-folder.ts';
export { startInfrastructure, type Infrastructure, type InfrastructureOptions } from './infrastructure.ts';
export { PortTaken, freePort } from './loopback.port.ts';
export { findNatsServer, type FindNatsOptions, type NatsBinary } from './nats.binary.ts';
export { startNats, type NatsOptions } from './nats.server.ts';
export { startPglite, type PgliteOptions } from './pglite.server.ts';
export { startNativePostgres, type NativePostgresOptions } from './postgres.server.ts';
export { NotReady } from './readiness.ts';
export type { RunningNats, RunningPostgres, RunningServer } from './running.server.ts';
