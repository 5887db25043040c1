import { readFileSync } from 'node:fs';
import { knowledgeBaseContract } from '@agent-platform/contracts/knowledge-base/knowledge-base.contract';
import { given, type LoggedEvent, type Projection, type RowChange } from '@agent-platform/kernel/index';
import type { KnowledgeBaseEvent } from './knowledge-base.decider.ts';

/** Table `knowledge_bases`. */
export const knowledgeBaseProjection: Projection = {
  name: 'knowledge_base',
  version: 1,
  sql: readFileSync(new URL('./knowledge-base.sql', import.meta.url), 'utf8'),
  events: Object.keys(knowledgeBaseContract.events),
  // The log holds what the contract promised; types are told apart by `type`.
  project: (event) => project(event as KnowledgeBaseEvent & LoggedEvent),
};

function project(event: KnowledgeBaseEvent & LoggedEvent): readonly RowChange[] {
  const { workspace_id, stream_id, version, time } = event;
  const row = { table: 'knowledge_bases', key: { workspace_id, id: stream_id } };
  const touched = { version, updated_at: time };
  switch (event.type) {
    case 'knowledge_base.created':
      return [{ ...row, set: { ...event.data, status: 'active', ...touched, created_at: time } }];
    case 'knowledge_base.updated':
      return [{ ...row, set: { ...given(event.data), ...touched } }];
    case 'knowledge_base.archived':
      return [{ ...row, set: { status: 'archived', ...touched } }];
  }
}
