import { knowledgeBaseContract } from '@agent-platform/contracts/knowledge-base/knowledge-base.contract';
import { defineFeature, type Feature, type Reservation } from '@agent-platform/kernel/index';
import {
  knowledgeBaseDecider,
  knowledgeBaseView,
  type KnowledgeBaseCommand,
  type KnowledgeBaseEvent,
  type KnowledgeBaseState,
} from './knowledge-base.decider.ts';
import { knowledgeBaseProjection } from './knowledge-base.projection.ts';
import { knowledgeBaseQueries } from './knowledge-base.queries.ts';

export { createKnowledgeBaseExecutor } from './knowledge-base.executor.ts';

const scope = 'knowledge_base_code';

/** Knowledge bases: what documents belong to, and how they are cut. */
export const knowledgeBaseFeature: Feature<KnowledgeBaseState, KnowledgeBaseCommand, KnowledgeBaseEvent> = defineFeature({
  contract: knowledgeBaseContract,
  decider: knowledgeBaseDecider,
  view: knowledgeBaseView,
  reservations(event, { fields }): readonly Reservation[] {
    if (event.type !== 'knowledge_base.created' && event.type !== 'knowledge_base.updated') return [];
    if (event.data.code === undefined) return [];
    const taken = { scope, key: event.data.code };
    return event.type === 'knowledge_base.created' ? [taken] : [{ scope, key: fields.code, release: true }, taken];
  },
  projections: [knowledgeBaseProjection],
  queries: knowledgeBaseQueries,
});
