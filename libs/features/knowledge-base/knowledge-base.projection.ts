import { readFileSync } from 'node:fs';
import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { knowledgeBaseContract } from '@agent-platform/contracts/knowledge-base/knowledge-base.contract';
import { given, type LoggedEvent, type Projection, type RowChange } from '@agent-platform/kernel/index';
import type { KnowledgeBaseEvent } from './knowledge-base.decider.ts';

/** Table `knowledge_bases`. */
export const knowledgeBaseProjection: Projection = {
  name: 'knowledge_base',
  version: 3,
  sql: readFileSync(new URL('./knowledge-base.sql', import.meta.url), 'utf8'),
  events: Object.keys(knowledgeBaseContract.events),
  project,
};

function project(event: KnowledgeBaseEvent & LoggedEvent): readonly RowChange[] {
  const { workspace_id, stream_id, version, time } = event;
  const row = { table: 'knowledge_bases', key: { workspace_id, id: stream_id } };
  const touched = { version, updated_at: time };
  switch (event.type) {
    case 'knowledge_base.created':
      return [
        {
          ...row,
          set: {
            ...event.data,
            rerank: event.data.rerank ?? null,
            weights: event.data.weights ?? null,
            reindex: null,
            status: 'active',
            ...touched,
            created_at: time,
          },
        },
      ];
    case 'knowledge_base.updated':
      return [{ ...row, set: { ...given(event.data), ...touched } }];
    case 'knowledge_base.archived':
      return [{ ...row, set: { status: 'archived', ...touched } }];
    case 'knowledge_base.reindex_requested':
    case 'knowledge_base.reindex_continued':
    case 'knowledge_base.reindex_asked':
    case 'knowledge_base.reindex_failed':
      return [{ ...row, set: { reindex: progressOf(event), ...touched } }];
  }
}

function progressOf(event: Extract<KnowledgeBaseEvent, { type: `knowledge_base.reindex_${string}` }>): JsonObject {
  const { reindex_id: id } = event.data;
  const documents = 'documents' in event.data ? event.data.documents : 0;
  const status = event.type === 'knowledge_base.reindex_asked' ? 'asked' : event.type === 'knowledge_base.reindex_failed' ? 'failed' : 'asking';
  return { id, status, documents };
}
