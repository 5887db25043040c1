import type { CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import type { Chunking, knowledgeBaseContract } from '@agent-platform/contracts/knowledge-base/knowledge-base.contract';
import { changes, given, reject, type Decider, type Decision } from '@agent-platform/kernel/index';

export type KnowledgeBaseCommand = CommandOf<typeof knowledgeBaseContract>;
export type KnowledgeBaseEvent = EventOf<typeof knowledgeBaseContract>;

export interface KnowledgeBaseState {
  readonly status: 'none' | 'active' | 'archived';
  readonly fields: { readonly code: string; readonly name: string; readonly description: string | null; readonly chunking: Chunking };
}

const initial: KnowledgeBaseState = {
  status: 'none',
  fields: { code: '', name: '', description: null, chunking: { max_chars: 1000, overlap_chars: 150 } },
};

function decide({ type, data, meta }: KnowledgeBaseCommand, state: KnowledgeBaseState): Decision<KnowledgeBaseEvent> {
  const id = meta.stream_id;
  if (type === 'knowledge_base.create') {
    if (state.status !== 'none') {
      return reject('conflict', 'knowledge-base-exists', `The id "${id}" belongs to a knowledge base already: take another knowledge_base_id.`);
    }
    const { code, name, description = null, chunking } = data;
    return badOverlap(chunking) ?? [{ type: 'knowledge_base.created', data: { code, name, description, chunking } }];
  }
  if (state.status === 'none') return reject('missing', 'knowledge-base-not-found', `There is no knowledge base "${id}" in this workspace.`);
  if (type === 'knowledge_base.archive') return state.status === 'archived' ? [] : [{ type: 'knowledge_base.archived', data: {} }];
  if (state.status === 'archived') return reject('conflict', 'knowledge-base-archived', `Knowledge base "${id}" is archived, and stays as it was.`);
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
      return { status: 'active', fields: event.data };
    case 'knowledge_base.updated': {
      const { code, name, description, chunking } = event.data;
      const { fields } = state;
      return {
        ...state,
        fields: {
          code: code ?? fields.code,
          name: name ?? fields.name,
          description: description === undefined ? fields.description : description,
          chunking: chunking ?? fields.chunking,
        },
      };
    }
    case 'knowledge_base.archived':
      return { ...state, status: 'archived' };
  }
}

export const knowledgeBaseDecider: Decider<KnowledgeBaseState, KnowledgeBaseCommand, KnowledgeBaseEvent> = { initial, decide, evolve };

export const knowledgeBaseView = ({ status, fields }: KnowledgeBaseState, id: string): JsonObject | null =>
  status === 'none' ? null : { id, status, ...fields, chunking: given(fields.chunking) };
