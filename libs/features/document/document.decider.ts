import type { SourceType } from '@agent-platform/contracts/document/document.events';
import { changes, reject, type Decider, type Decision, type Rejection } from '@agent-platform/kernel/index';
import {
  evolveDocument,
  firstStep,
  initialDocument,
  isPlain,
  type DocumentCommand,
  type DocumentEvent,
  type DocumentFields,
  type DocumentState,
  type PreparedBase,
} from './document.state.ts';
import { isExecutorCommand } from './document.commands.ts';
import { decideStep } from './document.steps.ts';

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

function oneSource(...sources: readonly unknown[]): Rejection | null {
  if (sources.filter((source) => source !== undefined).length === 1) return null;
  return reject('invalid', 'document-source', 'A document has one source: a text, an address or a file.', [
    {
      field: '/content_text',
      rule: 'exactly one of content_text, source_url and file',
      remedy: 'give the text, the address that it is fetched from, or a file',
    },
  ]);
}

/** What has no text of its own comes as a file. */
function textOf(type: SourceType, content: string | null | undefined): Rejection | null {
  if (typeof content !== 'string' || type === 'text' || type === 'markdown' || type === 'html' || type === 'csv') return null;
  return reject('invalid', 'document-source', `A ${type} can't be given as content_text.`, [
    { field: '/source_type', rule: 'must be a kind of text when content_text is given', remedy: 'upload the file, or give its address as source_url' },
  ]);
}

function create({ data, meta }: Of<'document.create'>, state: DocumentState): Decision<DocumentEvent> {
  if (state.status !== 'none') {
    return reject('conflict', 'document-exists', `The id "${meta.stream_id}" belongs to a document already, maybe a deleted one: take another document_id.`);
  }
  const { knowledge_base_id, title, source_type, source_url, content_text, file, metadata, base } = data;
  const refused = oneSource(content_text, source_url, file) ?? textOf(source_type, content_text) ?? refusedBy(base, knowledge_base_id);
  if (refused || !base) return refused ?? [];
  const fields = { title, source_type, source_url: source_url ?? null, content_text: content_text ?? null, file: file ?? null, metadata };
  return [{ type: 'document.created', data: { knowledge_base_id, ...fields, chunking: base.chunking, index_version: 1 } }];
}

function update({ data }: Of<'document.update'>, state: DocumentState): Decision<DocumentEvent> {
  const { document_id: _, base, source_url, content_text, file, ...rest } = data;
  const sources = [source_url, content_text, file];
  if (sources.some((source) => source !== undefined)) {
    const refused = oneSource(...sources);
    if (refused) return refused;
  }
  const changed = changes(state.fields, { ...rest, ...sourceOf(data, state) });
  const after = { ...state.fields, ...changed };
  const unfit = textOf(after.source_type, after.source_url === null ? after.content_text : null);
  if (unfit) return unfit;
  const names = Object.keys(changed);
  if (names.length === 0) return [];
  if (names.length === 1 && names[0] === 'metadata') return [{ type: 'document.updated', data: { ...changed, dropped: [] } }];
  const refused = refusedBy(base, state.knowledge_base_id);
  if (refused || !base) return refused ?? [];
  return [
    {
      type: 'document.updated',
      data: { ...changed, chunking: base.chunking, index_version: state.index.version + 1, dropped: [...state.stored] },
    },
  ];
}

/** One source takes the place of another. The same address again is no change: `reindex` fetches it anew. */
function sourceOf({ source_url, content_text, file, source_type }: Of<'document.update'>['data'], { fields }: DocumentState): Partial<DocumentFields> {
  if (file !== undefined) return { file, content_text: null, source_url: null };
  if (source_url !== undefined) return source_url === fields.source_url ? {} : { source_url, content_text: null, file: null };
  if (content_text === undefined) return {};
  const type = source_type === undefined && fields.content_text === null && !isPlain(fields.source_type) ? { source_type: 'text' as const } : {};
  return { content_text, source_url: null, file: null, ...type };
}

function reindex({ data }: Of<'document.reindex'>, state: DocumentState): Decision<DocumentEvent> {
  const { index, knowledge_base_id, chunking } = state;
  const refused = refusedBy(data.base, knowledge_base_id);
  if (refused || !data.base) return refused ?? [];
  // It is about to be indexed from the beginning anyway, as it is wanted.
  const waiting = index.status === 'pending' && index.from === 0 && index.step === firstStep(state.fields);
  const asWanted = isEmpty(changes({ chunking }, { chunking: data.base.chunking })) && (data.reindex_id ?? state.reindex_id) === state.reindex_id;
  if (waiting && asWanted) return [];
  const dropped = state.stored.filter((one) => one.index_version !== state.search_version);
  const { reindex_id } = data;
  const asked = { index_version: index.version + 1, chunking: data.base.chunking, ...(reindex_id !== undefined && { reindex_id }), dropped };
  return [{ type: 'document.reindex_requested', data: asked }];
}

const isEmpty = (changed: object): boolean => Object.keys(changed).length === 0;

export const documentDecider: Decider<DocumentState, DocumentCommand, DocumentEvent> = { initial: initialDocument, decide, evolve: evolveDocument };
