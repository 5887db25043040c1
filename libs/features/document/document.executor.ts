import type { EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import type { Effect, EffectContext, Executor } from '@agent-platform/kernel/index';
import type { DocumentCommand, DocumentEvent, DocumentState } from './document.state.ts';
import type { ExecutorCommand } from './document.commands.ts';
import { type Asked, createIndexer, type IndexingPorts } from './document.indexer.ts';

type Wanted = Pick<DocumentCommand, 'type' | 'data'>;

/** A document may wait for its turn to be read: few are at a time; and a model on this machine embeds ten chunks a second. */
const TIMEOUT_MS = { fetch: 600_000, extract: 600_000, embed: 600_000, release: 60_000 };

/**
 * Indexes documents in the background: fetches, takes the text out, then embeds batch after batch. Each batch is in the log before the next
 * is begun, so whoever takes over after a crash repeats one batch at most. Lets go of files that a document does not need any more.
 */
export function createDocumentExecutor(ports: IndexingPorts): Executor<DocumentState, DocumentCommand, DocumentEvent, null> {
  const perform = createIndexer(ports);
  const unbound = (command: Pick<ExecutorCommand, 'type' | 'data'>): Wanted => command;
  return {
    category: 'document',
    triggers: [
      { category: 'document', type: 'document.created' },
      { category: 'document', type: 'document.updated' },
      { category: 'document', type: 'document.reindex_requested' },
      { category: 'document', type: 'document.deleted' },
      { category: 'job', type: 'job.due' },
    ],
    wake: (event) => wake(event, unbound),
    context: () => Promise.resolve(null),
    advance: () => unbound({ type: 'document.advance', data: {} }),
    recover: ({ index, files }) => (index.status === 'indexing' || files.releasing ? unbound({ type: 'document.recover', data: {} }) : null),
    bind: (command) => command,
    effect(event, state): Effect | null {
      if (event.type === 'document.release_started')
        return { key: releaseKey(event.data), kind: 'release', request: event.data satisfies Release, timeoutMs: TIMEOUT_MS.release };
      if (event.type !== 'document.step_started') return null;
      const { fields, chunking, extracted } = state;
      return {
        key: keyOf(event.data),
        kind: event.data.step,
        request: { ...event.data, ...fields, extracted, chunking } satisfies Asked,
        timeoutMs: TIMEOUT_MS[event.data.step],
      };
    },
    async perform(effect, context) {
      if (effect.kind === 'release') return unbound(await release(effect.request as Release, context));
      const asked = effect.request as Asked;
      const { index_version, from, attempt, step } = asked;
      return unbound({ type: 'document.record', data: { index_version, from, attempt, step, outcome: await perform(asked, context) } });
    },
    wanted: ({ status, index, files }) =>
      new Set([
        ...(status === 'active' && index.status === 'indexing'
          ? [keyOf({ index_version: index.version, step: index.step, from: index.from, attempt: index.attempt })]
          : []),
        ...(files.releasing ? [releaseKey(files.releasing)] : []),
      ]),
    ended: ({ status, files }) => status === 'deleted' && !files.stale && !files.releasing,
  };

  async function release({ needed, before, attempt }: Release, { stream }: EffectContext): Promise<Pick<ExecutorCommand, 'type' | 'data'>> {
    const done = await ports.documents.release(stream.workspace_id, stream.stream_id, { except: needed, before }).then(
      () => true,
      () => false,
    );
    return { type: 'document.record_release', data: { before, attempt, done } };
  }
}

type Release = Extract<DocumentEvent, { type: 'document.release_started' }>['data'];
const releaseKey = ({ before, attempt }: { before: string; attempt: number }): string => `release/${before}/${attempt}`;

const keyOf = ({ index_version, step, from, attempt }: { index_version: number; step: string; from: number; attempt: number }): string =>
  `${index_version}/${step}/${from}/${attempt}`;

function wake(event: EventEnvelope, unbound: (command: Pick<ExecutorCommand, 'type' | 'data'>) => Wanted): { stream: StreamRef; command?: Wanted } | null {
  const { workspace_id, data } = event;
  if (event.category === 'document') return { stream: { workspace_id, category: 'document', stream_id: event.stream_id } };
  const target = data['target'] as { category?: string; stream_id?: string } | undefined;
  if (target?.category !== 'document' || !target.stream_id) return null;
  return {
    stream: { workspace_id, category: 'document', stream_id: target.stream_id },
    // The id of a timer's stream is the timer's.
    command: unbound({ type: 'document.retry', data: { timer_id: event.stream_id } }),
  };
}
