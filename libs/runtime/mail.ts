import type { Command } from '@agent-platform/contracts/kit/index';
import type { Wanted } from '@agent-platform/kernel/index';

/** What became of a delivered command. */
export type Delivery =
  | { readonly status: 'applied' }
  /** Another executor holds the lease: it has to be told. `owner` is null when that is not known. */
  | { readonly status: 'leased'; readonly owner: number | null }
  | { readonly status: 'failed'; readonly error: unknown };

/** A command for a stream that is being worked on; some are waited for. */
export interface Mail {
  readonly command: Wanted<Command>;
  readonly settle?: (delivery: Delivery) => void;
}

/** Answers all that is waited for. */
export function settle(mail: readonly Mail[], delivery: Delivery): void {
  for (const { settle: answer } of mail) answer?.(delivery);
}
