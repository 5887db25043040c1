import type { FileRef } from '@agent-platform/contracts/document/document.events';
import type { Command } from '@agent-platform/contracts/kit/index';

/** Original files that a document had, and does not need any more. */
export interface FilesState {
  /** It may hold such files. */
  readonly stale: boolean;
  /** It is letting go of those that it held before. */
  readonly releasing: { readonly before: string; readonly attempt: number } | null;
}

/** What letting go of files came to. */
export type ReleaseCommand = Command<'document.record_release', { readonly before: string; readonly attempt: number; readonly done: boolean }>;

/** With another file, or none: the one before is not needed any more. */
export const replaced = (files: FilesState, before: FileRef | null, after: FileRef | null): FilesState =>
  before !== null && before.sha256 !== after?.sha256 ? { ...files, stale: true } : files;
