import type { Lookup } from '@agent-platform/kernel/index';
import type { DocumentCommand, DocumentState, PreparedBase } from './document.state.ts';

/** What a document needs to know of a base's folded state. The knowledge base feature's state has at least this. */
interface Base {
  readonly status: string;
  readonly fields: { readonly chunking: NonNullable<PreparedBase['base']>['chunking'] };
}

/** Looks at the base that the document belongs, or is to belong, to. */
export async function prepareDocument(command: DocumentCommand, lookup: Lookup): Promise<DocumentCommand> {
  if (command.type !== 'document.create' && command.type !== 'document.update' && command.type !== 'document.reindex') return command;
  const { workspace_id, stream_id } = command.meta;
  const base_id = command.type === 'document.create' ? command.data.knowledge_base_id : await baseOf(workspace_id, stream_id, lookup);
  if (base_id === null) return command;
  // Features do not know each other's types; that the category holds this is the knowledge base feature's promise.
  const found = (await lookup.state({ workspace_id, category: 'knowledge_base', stream_id: base_id })) as Base | null;
  const base = found && { status: found.status, chunking: found.fields.chunking };
  return { ...command, data: { ...command.data, base } } as DocumentCommand;
}

async function baseOf(workspace_id: string, stream_id: string, lookup: Lookup): Promise<string | null> {
  const document = (await lookup.state({ workspace_id, category: 'document', stream_id })) as DocumentState | null;
  return document === null || document.status === 'none' ? null : document.knowledge_base_id;
}
