import { deterministicUuid, Failure, toFailure, type Effect, type EffectContext, type Executor } from '@agent-platform/kernel/index';
import type { DocumentsPort } from '@agent-platform/ports/documents.port';
import type { KnowledgeBaseCommand, KnowledgeBaseEvent, KnowledgeBaseState } from './knowledge-base.decider.ts';
import type { PageName, PageOutcome, ReindexCommand } from './knowledge-base.reindex.ts';

type Wanted = Pick<KnowledgeBaseCommand, 'type' | 'data'>;

/** Documents told between two events. */
const PAGE = 100;
const TIMEOUT_MS = 120_000;

/**
 * Reindexes a base: tells its documents, page by page in the order of their ids, to index themselves again. The command to
 * each has an id made of the reindex and the document, so a page that is told again after a crash tells nobody twice.
 */
export function createKnowledgeBaseExecutor(documents: DocumentsPort): Executor<KnowledgeBaseState, KnowledgeBaseCommand, KnowledgeBaseEvent, null> {
  const unbound = (command: Pick<ReindexCommand, 'type' | 'data'>): Wanted => command;
  return {
    category: 'knowledge_base',
    triggers: [{ category: 'knowledge_base', type: 'knowledge_base.reindex_requested' }],
    wake: ({ workspace_id, stream_id }) => ({ stream: { workspace_id, category: 'knowledge_base', stream_id } }),
    context: () => Promise.resolve(null),
    advance: () => unbound({ type: 'knowledge_base.advance', data: {} }),
    recover: ({ reindex }) => (reindex?.status === 'asking' ? unbound({ type: 'knowledge_base.recover', data: {} }) : null),
    bind: (command) => command,
    effect(event): Effect | null {
      if (event.type !== 'knowledge_base.reindex_continued') return null;
      const { reindex_id, after, attempt } = event.data;
      return { key: keyOf(event.data), kind: 'reindex', request: { reindex_id, after, attempt } satisfies PageName, timeoutMs: TIMEOUT_MS };
    },
    async perform(effect, context) {
      const page = effect.request as PageName;
      return unbound({ type: 'knowledge_base.record', data: { ...page, outcome: await tell(documents, page, context) } });
    },
    wanted: ({ reindex }) => new Set(reindex?.status === 'asking' ? [keyOf({ ...reindex, reindex_id: reindex.id })] : []),
    ended: ({ status }) => status === 'archived',
  };
}

const keyOf = ({ reindex_id, after, attempt }: PageName): string => `${reindex_id}/${after ?? ''}/${attempt}`;

async function tell(documents: DocumentsPort, { reindex_id, after }: PageName, { stream, command, signal }: EffectContext): Promise<PageOutcome> {
  const { workspace_id, stream_id } = stream;
  try {
    const ids = await documents.list({ workspace_id, knowledge_base_id: stream_id, reindex_id, after, limit: PAGE }, { signal });
    await Promise.all(
      ids.map((document_id) =>
        command('document.reindex', workspace_id, { document_id, reindex_id }, deterministicUuid(`reindex/${reindex_id}/${document_id}`)).catch(unlessGone),
      ),
    );
    return { status: 'told', documents: ids.length, after: ids.length === PAGE ? (ids.at(-1) ?? null) : null };
  } catch (error) {
    const { code, message, kind } = toFailure(error);
    return { status: 'failed', error: { code, message }, retryable: kind === 'transient' };
  }
}

/** A document that was deleted meanwhile needs no index. */
function unlessGone(error: unknown): void {
  if (!(error instanceof Failure) || (error.kind !== 'missing' && error.kind !== 'conflict')) throw error;
}
