import type { ReleaseCommand } from './document.files.ts';
import type { DocumentEvent, DocumentState } from './document.state.ts';

/** What it needs is what appending needs, which waits by itself; then the next event of the document begins anew. */
const ATTEMPTS = 5;

/** Begins to let go of what `state` does not need, when there is something and it is not under way. */
export function startRelease(state: DocumentState, now: string): readonly DocumentEvent[] {
  return state.files.stale && !state.files.releasing ? [releaseStarted(state, now, 1)] : [];
}

/** The same again, after a crash. What was taken meanwhile and is not recorded was lost with it. */
export function restartRelease(state: DocumentState, now: string): readonly DocumentEvent[] {
  return state.files.releasing ? [releaseStarted(state, now, 1)] : [];
}

export function recordRelease({ data: { before, attempt, done }, meta }: ReleaseCommand, state: DocumentState): readonly DocumentEvent[] {
  const { releasing } = state.files;
  if (releasing?.before !== before || releasing.attempt !== attempt) return [];
  if (done) return [{ type: 'document.files_released', data: { deleted: state.status === 'deleted' } }];
  return attempt < ATTEMPTS ? [releaseStarted(state, meta.now, attempt + 1)] : [];
}

function releaseStarted({ status, fields: { file } }: DocumentState, before: string, attempt: number): DocumentEvent {
  const deleted = status === 'deleted';
  return { type: 'document.release_started', data: { needed: deleted ? null : (file?.sha256 ?? null), before, attempt, deleted } };
}
