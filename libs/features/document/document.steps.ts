import { deterministicUuid } from '@agent-platform/kernel/index';
import { CHUNKER_VERSION } from './chunk.ts';
import type { ExecutorCommand, StepOutcome } from './document.commands.ts';
import type { ReleaseCommand } from './document.files.ts';
import { recordRelease, restartRelease, startRelease } from './document.release.ts';
import { type DocumentEvent, type DocumentState, evolveDocument } from './document.state.ts';

/** Together about an hour and a half of waiting. */
const ATTEMPTS = 12;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15 * 60_000;

/** How a document goes on: with its index, and with letting go of files that it does not need any more. */
export function decideStep(command: ExecutorCommand, state: DocumentState): readonly DocumentEvent[] {
  const { now } = command.meta;
  const events =
    command.type === 'document.record_release'
      ? recordRelease(command, state)
      : [...decideIndex(command, state), ...(command.type === 'document.recover' ? restartRelease(state, now) : [])];
  return [...events, ...startRelease(events.reduce(evolveDocument, state), now)];
}

type IndexCommand = Exclude<ExecutorCommand, ReleaseCommand>;

/** How indexing goes on: step by step, each begun by an event and ended by one, so that whoever takes over begins where it stands. */
function decideIndex(command: IndexCommand, state: DocumentState): readonly DocumentEvent[] {
  const { index } = state;
  if (state.status !== 'active') return [];
  switch (command.type) {
    case 'document.advance':
      return index.status === 'pending' ? [begin(state, index.from, 1)] : [];
    case 'document.recover':
      return index.status === 'indexing' ? [begin(state, index.from, index.attempt)] : [];
    case 'document.retry':
      return index.status === 'waiting' && index.timer_id === command.data.timer_id ? [begin(state, index.from, index.attempt + 1)] : [];
    case 'document.record': {
      const { index_version, from, attempt, step, outcome } = command.data;
      const current = index.status === 'indexing' && index.version === index_version && index.step === step && index.from === from && index.attempt === attempt;
      return current ? record(outcome, command, state) : [];
    }
  }
}

function begin({ index }: DocumentState, from: number, attempt: number): DocumentEvent {
  return { type: 'document.step_started', data: { index_version: index.version, step: index.step, from, attempt } };
}

function record(outcome: StepOutcome, { meta }: IndexCommand, state: DocumentState): DocumentEvent[] {
  const { index, knowledge_base_id, fields } = state;
  const index_version = index.version;
  if (outcome.status === 'failed') return failed(outcome, meta, state);
  if (outcome.status === 'extracted') {
    const { status: _, pages, ...extracted } = outcome;
    return [
      { type: 'document.extracted', data: { index_version, ...extracted, pages: pages && [...pages] } },
      { type: 'document.step_started', data: { index_version, step: 'embed', from: 0, attempt: 1 } },
    ];
  }
  const { total, space, dimensions, fallback, chunks } = outcome;
  const from = index.from + chunks.length;
  const embedded: DocumentEvent = {
    type: 'document.chunks_embedded',
    data: {
      index_version,
      knowledge_base_id,
      title: fields.title,
      total,
      chunker_version: CHUNKER_VERSION,
      embedding_space: space,
      dimensions,
      fallback,
      chunks: [...chunks],
    },
  };
  if (from < total) return [embedded, begin(state, from, 1)];
  const spaces = index.spaces.includes(space) || chunks.length === 0 ? index.spaces : [...index.spaces, space];
  return [
    ...(chunks.length > 0 ? [embedded] : []),
    {
      type: 'document.indexed',
      data: {
        knowledge_base_id,
        index_version,
        chunks: from,
        chunker_version: CHUNKER_VERSION,
        embedding_spaces: [...spaces],
        fallback_used: index.fallback || fallback !== null,
        dropped: state.stored.filter((one) => one.index_version !== index_version),
      },
    },
  ];
}

function failed({ error, retryable }: Extract<StepOutcome, { status: 'failed' }>, meta: IndexCommand['meta'], state: DocumentState): DocumentEvent[] {
  const { version: index_version, step, from, attempt } = state.index;
  if (!retryable || attempt >= ATTEMPTS) {
    const dropped = state.stored.filter((one) => one.index_version === index_version);
    return [{ type: 'document.index_failed', data: { index_version, error, dropped } }];
  }
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  const due_at = new Date(Date.parse(meta.now) + pause).toISOString();
  const timer_id = deterministicUuid(`timer/document/${meta.workspace_id}/${meta.stream_id}/${index_version}/${step}/${from}/${attempt}`);
  return [{ type: 'document.retry_scheduled', data: { index_version, step, from, attempt, timer_id, due_at, error } }];
}
