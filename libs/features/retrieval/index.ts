import { readFileSync } from 'node:fs';
import { retrievalContract } from '@agent-platform/contracts/retrieval/retrieval.contract';
import { defineFeature, equal, newestFirst, type Feature, type Projection, type Query } from '@agent-platform/kernel/index';
import { retrievalDecider, retrievalView, type RetrievalCommand, type RetrievalEvent, type RetrievalState } from './retrieval.decider.ts';

/** Table `retrievals`. */
const retrievalProjection: Projection = {
  name: 'retrieval',
  version: 3,
  sql: readFileSync(new URL('./retrieval.sql', import.meta.url), 'utf8'),
  events: ['retrieval.recorded'],
  project: ({ workspace_id, stream_id, version, time, data }) => [
    { table: 'retrievals', key: { workspace_id, id: stream_id }, set: { weights: null, rerank: null, ...data, version, created_at: time } },
  ],
};

const from = { projection: 'retrieval', table: 'retrievals' } as const;

const retrievalQueries: Readonly<Record<string, Query>> = {
  'retrieval.get': { kind: 'get', ...from, key: { retrieval_id: 'id' } },
  'retrieval.list': {
    kind: 'list',
    ...from,
    filters: equal('knowledge_base_id', 'run_id'),
    order: newestFirst('created_at', 'id'),
  },
};

/** What was searched, and found: the evidence behind answers. */
export const retrievalFeature: Feature<RetrievalState, RetrievalCommand, RetrievalEvent> = defineFeature({
  contract: retrievalContract,
  decider: retrievalDecider,
  view: retrievalView,
  projections: [retrievalProjection],
  queries: retrievalQueries,
});
