import { memoryReadContract } from '@agent-platform/contracts/memory-read/memory-read.contract';
import { defineFeature, type Feature } from '@agent-platform/kernel/index';
import { memoryReadDecider, memoryReadView, type MemoryReadCommand, type MemoryReadEvent, type MemoryReadState } from './memory-read.decider.ts';
import { memoryReadProjection } from './memory-read.projection.ts';
import { memoryReadQueries } from './memory-read.queries.ts';

export type { MemoryReadCommand, MemoryReadEvent, MemoryReadState };

/** Provenance of what runs knew: which memories a search gave to which run. */
export const memoryReadFeature: Feature<MemoryReadState, MemoryReadCommand, MemoryReadEvent> = defineFeature({
  contract: memoryReadContract,
  decider: memoryReadDecider,
  view: memoryReadView,
  projections: [memoryReadProjection],
  queries: memoryReadQueries,
});
