import type { CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import type { Chunking, knowledgeBaseContract, RerankSetting } from '@agent-platform/contracts/knowledge-base/knowledge-base.contract';
import type { HybridWeights } from '@agent-platform/contracts/retrieval/hybrid.weights';
import { changes, given, partId, reject, type Decider, type Decision } from '@agent-platform/kernel/index';
import { decideReindex, evolveReindex, isReindexCommand, type ReindexCommand, type ReindexState, reindexView } from './knowledge-base.reindex.ts';

export type KnowledgeBaseCommand = CommandOf<typeof knowledgeBaseContract> | ReindexCommand;
export type KnowledgeBaseEvent = EventOf<typeof knowledgeBaseContract>;

export interface KnowledgeBaseState {
  readonly status: 'none' | 'active' | 'archived';
  readonly fields: {
    readonly code: string;
    readonly name: string;
    readonly description: string | null;
    readonly chunking: Chunking;
    readonly rerank: RerankSetting | null;
    readonly weights: HybridWeights | null;
  };
  readonly reindex: ReindexState | null;
}

const initial: KnowledgeBaseState = {
  status: 'none',
  fields: { code: '', name: '', description: null, chunking: { max_chars: 1000, overlap_chars: 150 }, rerank: null, weights: null },
  reindex: null,
};

function decide(command: KnowledgeBaseCommand, state: KnowledgeBaseState): Decision<KnowledgeBaseEvent> {
  if (isReindexCommand(command)) return state.status === 'active' && state.reindex ? decideReindex(command, state.reindex) : [];
  const { type, data, meta } = command;
  const id = meta.stream_id;
  if (type === 'knowledge_base.create') {
    if (state.status !== 'none') {
      return reject('conflict', 'knowledge-base-exists', `The id "${id}" belongs to a knowledge base already: take another knowledge_base_id.`);
    }
    const { code, name, description = null, chunking, rerank, weights } = data;
    return badOverlap(chunking) ?? [{ type: 'knowledge_base.created', data: { code, name, description, chunking, rerank, weights } }];
  }
  if (state.status === 'none') return reject('missing', 'knowledge-base-not-found', `There is no knowledge base "${id}" in this workspace.`);
  if (type === 'knowledge_base.archive') return state.status === 'archived' ? [] : [{ type: 'knowledge_base.archived', data: {} }];
  if (state.status === 'archived') return reject('conflict', 'knowledge-base-archived', `Knowledge base "${id}" is archived, and stays as it was.`);
  if (type === 'knowledge_base.reindex') {
    const underWay = state.reindex?.status === 'pending' || state.reindex?.status === 'asking';
    return underWay ? [] : [{ type: 'knowledge_base.reindex_requested', data: { reindex_id: partId(meta, 'reindex') } }];
  }
  const { knowledge_base_id: _, ...wanted } = data;
  const changed = changes(state.fields, wanted);
  if (Object.keys(changed).length === 0) return [];
  return (changed.chunking && badOverlap(changed.chunking)) ?? [{ type: 'knowledge_base.updated', data: changed }];
}

/** With an overlap of more than half, a chunk would mostly repeat the one before. */
function badOverlap({ max_chars, overlap_chars }: Chunking) {
  if (overlap_chars * 2 <= max_chars) return undefined;
  const error = { field: '/chunking/overlap_chars', rule: 'must be at most half of max_chars', remedy: `take ${Math.floor(max_chars / 2)} or less` };
  return reject('invalid', 'overlap-too-large', 'The overlap of chunks is too large.', [error]);
}

function evolve(state: KnowledgeBaseState, event: KnowledgeBaseEvent): KnowledgeBaseState {
  switch (event.type) {
    case 'knowledge_base.created':
      return { ...state, status: 'active', fields: { ...event.data, rerank: event.data.rerank ?? null, weights: event.data.weights ?? null } };
    case 'knowledge_base.updated': {
      const { code, name, description, chunking, rerank, weights } = event.data;
      const { fields } = state;
      return {
        ...state,
        fields: {
          code: code ?? fields.code,
          name: name ?? fields.name,
          description: description === undefined ? fields.description : description,
          chunking: chunking ?? fields.chunking,
          rerank: rerank === undefined ? fields.rerank : rerank,
          weights: weights === undefined ? fields.weights : weights,
        },
      };
    }
    case 'knowledge_base.archived':
      return { ...state, status: 'archived' };
    case 'knowledge_base.reindex_requested':
    case 'knowledge_base.reindex_continued':
    case 'knowledge_base.reindex_asked':
    case 'knowledge_base.reindex_failed':
      return { ...state, reindex: evolveReindex(state.reindex, event) };
  }
}

export const knowledgeBaseDecider: Decider<KnowledgeBaseState, KnowledgeBaseCommand, KnowledgeBaseEvent> = { initial, decide, evolve };

export function knowledgeBaseView({ status, fields, reindex }: KnowledgeBaseState, id: string): JsonObject | null {
  if (status === 'none') return null;
  const { rerank, chunking } = fields;
  return { id, status, ...fields, chunking: given(chunking), rerank: rerank && given(rerank), reindex: reindex && reindexView(reindex) };
}
