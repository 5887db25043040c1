import type { FileRef, IndexedChunk, SourceType } from '@agent-platform/contracts/document/document.events';
import type { Command } from '@agent-platform/contracts/kit/index';
import type { ReleaseCommand } from './document.files.ts';

/** What a step came to. */
export type StepOutcome =
  | {
      readonly status: 'extracted';
      readonly source_type: SourceType;
      readonly content_text: string;
      readonly pages: readonly number[] | null;
      readonly extractor: string;
      readonly file: FileRef | null;
    }
  | {
      readonly status: 'embedded';
      readonly total: number;
      readonly space: string;
      readonly dimensions: number;
      readonly fallback: { readonly code: string; readonly message: string } | null;
      readonly chunks: readonly IndexedChunk[];
    }
  | { readonly status: 'failed'; readonly error: { readonly code: string; readonly message: string }; readonly retryable: boolean };

/** Which attempt of which step: what comes late is for another one, and means nothing. */
export interface StepName {
  readonly index_version: number;
  readonly from: number;
  readonly attempt: number;
}

/** What the executor wishes; nobody else can. */
export type ExecutorCommand =
  | Command<'document.advance', object>
  | Command<'document.recover', object>
  | Command<'document.retry', { readonly timer_id: string }>
  | ReleaseCommand
  | Command<'document.record', StepName & { readonly step: 'fetch' | 'extract' | 'embed'; readonly outcome: StepOutcome }>;

export const isExecutorCommand = (command: { readonly type: string }): command is ExecutorCommand =>
  ['document.advance', 'document.recover', 'document.retry', 'document.record', 'document.record_release'].includes(command.type);
