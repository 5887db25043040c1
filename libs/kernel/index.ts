export * from './decider.ts';
export * from './failure.ts';
export * from './projection.ts';
export * from './query.ts';
export * from './feature.ts';
export * from './executor.ts';
export * from './deterministic-uuid.ts';
export * from './storable.ts';
