import { changes, reject, type Decider, type Decision, type Rejection } from '@agent-platform/kernel/index';
import { evolveDocument, initialDocument, type DocumentCommand, type DocumentEvent, type DocumentState, type PreparedBase } from './document.state.ts';
import { decideStep, isExecutorCommand } from './document.steps.ts';

type Of<T extends DocumentCommand['type']> = Extract<DocumentCommand, { type: T }>;

function decide(command: DocumentCommand, state: DocumentState): Decision<DocumentEvent> {
  if (isExecutorCommand(command)) return decideStep(command, state);
  if (command.type === 'document.create') return create(command, state);
  if (command.type === 'document.delete' && state.status === 'deleted') return [];
  if (state.status !== 'active') return reject('missing', 'document-not-found', `There is no document "${command.meta.stream_id}" in this workspace.`);
  switch (command.type) {
    case 'document.update':
      return update(command, state);
    case 'document.reindex':
      return reindex(command, state);
    case 'document.delete':
      return [{ type: 'document.deleted', data: { dropped: [...state.stored] } }];
  }
}

/** Why a base takes no document; null when it does. */
function refusedBy(base: PreparedBase['base'], id: string): Rejection | null {
  if (!base) {
    return reject('missing', 'knowledge-base-not-found', `There is no knowledge base "${id}" in this workspace.`, [
      { field: '/knowledge_base_id', rule: 'must be the id of a knowledge base', remedy: 'create it first, or look it up with GET /knowledge/bases' },
    ]);
  }
  return base.status === 'active' ? null : reject('conflict', 'knowledge-base-archived', `Knowledge base "${id}" is archived: it takes no documents.`);
}

function oneSource(content: unknown, url: unknown): Rejection | null {
  if ((content === undefined) !== (url === undefined)) return null;
  return reject('invalid', 'document-source', 'A document has either a text or an address.', [
    { field: '/content_text', rule: 'exactly one of content_text and source_url', remedy: 'give the text, or the address that it is fetched from' },
  ]);
}

function create({ data, meta }: Of<'document.create'>, state: DocumentState): Decision<DocumentEvent> {
  if (state.status !== 'none') {
    return reject('conflict', 'document-exists', `The id "${meta.stream_id}" belongs to a document already, maybe a deleted one: take another document_id.`);
  }
  const { knowledge_base_id, title, source_type, source_url, content_text, metadata, base } = data;
  const refused = oneSource(content_text, source_url) ?? refusedBy(base, knowledge_base_id);
  if (refused || !base) return refused ?? [];
  const fields = { title, source_type, source_url: source_url ?? null, content_text: content_text ?? null, metadata };
  return [{ type: 'document.created', data: { knowledge_base_id, ...fields, chunking: base.chunking, index_version: 1 } }];
}

function update({ data }: Of<'document.update'>, state: DocumentState): Decision<DocumentEvent> {
  const { document_id: _, base, source_url, content_text, ...rest } = data;
  if (source_url !== undefined && content_text !== undefined) return oneSource(content_text, source_url) ?? [];
  // A text takes the place of the address, and the other way round. The same address again is no change: `reindex` fetches it anew.
  const source = content_text !== undefined ? { content_text, source_url: null } : source_url !== undefined ? { source_url } : {};
  const changed = changes(state.fields, { ...rest, ...source });
  const names = Object.keys(changed);
  if (names.length === 0) return [];
  if (names.length === 1 && names[0] === 'metadata') return [{ type: 'document.updated', data: { ...changed, dropped: [] } }];
  const refused = refusedBy(base, state.knowledge_base_id);
  if (refused || !base) return refused ?? [];
  const fetched = changed.source_url ? { content_text: null } : {};
  return [
    {
      type: 'document.updated',
      data: { ...changed, ...fetched, chunking: base.chunking, index_version: state.index.version + 1, dropped: [...state.stored] },
    },
  ];
}

function reindex({ data }: Of<'document.reindex'>, state: DocumentState): Decision<DocumentEvent> {
  const { index, knowledge_base_id } = state;
  // It is about to be indexed from the beginning anyway.
  if (index.status === 'pending' && index.from === 0 && index.step === (state.fields.source_url === null ? 'embed' : 'fetch')) return [];
  const refused = refusedBy(data.base, knowledge_base_id);
  if (refused || !data.base) return refused ?? [];
  const dropped = state.stored.filter((one) => one.index_version !== state.search_version);
  return [{ type: 'document.reindex_requested', data: { index_version: index.version + 1, chunking: data.base.chunking, dropped } }];
}

export const documentDecider: Decider<DocumentState, DocumentCommand, DocumentEvent> = { initial: initialDocument, decide, evolve: evolveDocument };
