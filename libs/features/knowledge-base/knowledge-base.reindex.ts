import type { Command, EventOf } from '@agent-platform/contracts/kit/index';
import type { knowledgeBaseContract } from '@agent-platform/contracts/knowledge-base/knowledge-base.contract';

type Reindexed = Extract<EventOf<typeof knowledgeBaseContract>, { type: `knowledge_base.reindex_${string}` }>;

/** How far the telling of all documents is. */
export interface ReindexState {
  readonly id: string;
  readonly status: 'pending' | 'asking' | 'asked' | 'failed';
  /** Id of the last document that was told. */
  readonly after: string | null;
  readonly documents: number;
  readonly attempt: number;
}

/** What came of telling one page of documents; the last page has no `after`. */
export type PageOutcome =
  | { readonly status: 'told'; readonly documents: number; readonly after: string | null }
  | { readonly status: 'failed'; readonly error: { readonly code: string; readonly message: string }; readonly retryable: boolean };

/** Which page: what comes late is for another one, and means nothing. */
export interface PageName {
  readonly reindex_id: string;
  readonly after: string | null;
  readonly attempt: number;
}

/** What the executor wishes; nobody else can. */
export type ReindexCommand =
  | Command<'knowledge_base.advance', object>
  | Command<'knowledge_base.recover', object>
  | Command<'knowledge_base.record', PageName & { readonly outcome: PageOutcome }>;

export const isReindexCommand = (command: { readonly type: string }): command is ReindexCommand =>
  ['knowledge_base.advance', 'knowledge_base.recover', 'knowledge_base.record'].includes(command.type);

/** A page that fails is told again at once: what it needs is what appending needs, which waits by itself. */
const ATTEMPTS = 5;

/** Page by page, each begun by an event: whoever takes over tells the page again that was begun, which changes nothing twice. */
export function decideReindex(command: ReindexCommand, state: ReindexState): readonly Reindexed[] {
  const { id: reindex_id, status, after, documents, attempt } = state;
  const page = (next: Partial<Omit<ReindexState, 'id' | 'status'>>): Reindexed => ({
    type: 'knowledge_base.reindex_continued',
    data: { reindex_id, after, documents, attempt: 1, ...next },
  });
  if (command.type === 'knowledge_base.advance') return status === 'pending' ? [page({})] : [];
  if (status !== 'asking') return [];
  if (command.type === 'knowledge_base.recover') return [page({ attempt })];
  const { outcome, ...name } = command.data;
  if (name.reindex_id !== reindex_id || name.after !== after || name.attempt !== attempt) return [];
  if (outcome.status === 'failed') {
    const { error, retryable } = outcome;
    return retryable && attempt < ATTEMPTS
      ? [page({ attempt: attempt + 1 })]
      : [{ type: 'knowledge_base.reindex_failed', data: { reindex_id, documents, error } }];
  }
  const all = documents + outcome.documents;
  return outcome.after === null
    ? [{ type: 'knowledge_base.reindex_asked', data: { reindex_id, documents: all } }]
    : [page({ after: outcome.after, documents: all })];
}

export function evolveReindex(state: ReindexState | null, event: Reindexed): ReindexState {
  const before: ReindexState = state ?? { id: '', status: 'pending', after: null, documents: 0, attempt: 1 };
  const { reindex_id: id } = event.data;
  switch (event.type) {
    case 'knowledge_base.reindex_requested':
      return { id, status: 'pending', after: null, documents: 0, attempt: 1 };
    case 'knowledge_base.reindex_continued': {
      const { after, documents, attempt } = event.data;
      return { id, status: 'asking', after, documents, attempt };
    }
    case 'knowledge_base.reindex_asked':
      return { ...before, id, status: 'asked', documents: event.data.documents };
    case 'knowledge_base.reindex_failed':
      return { ...before, id, status: 'failed', documents: event.data.documents };
  }
}

export const reindexView = ({ id, status, documents }: ReindexState) => ({ id, status: status === 'pending' ? ('asking' as const) : status, documents });
