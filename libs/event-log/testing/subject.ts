import { randomUUID } from 'node:crypto';
import type { AppendRequest, AppendResult, EventLog, OwnerLock, Upcast } from '../index.ts';

/** One implementation of the log, as the suite sees it. */
export interface Harness {
  /** Another view of the same log, e.g. of another process; closed by the suite. */
  open(options?: { upcast?: Upcast }): Promise<EventLog>;
  holdOwner(): Promise<OwnerLock>;
  stop(): Promise<void>;
}

/** What a test works with. Every test has a workspace of its own, for the log is shared by all. */
export interface Subject {
  readonly log: EventLog;
  readonly harness: Harness;
}
export type Tests = (subject: () => Subject) => void;

export const freshWorkspace = (): string => `w${randomUUID().slice(0, 18)}`;
export const freshStream = (workspace_id = freshWorkspace(), stream_id = 's1') => ({ workspace_id, category: 'thing', stream_id });
export const event = (type: string, data: Readonly<Record<string, unknown>> = {}) => ({ type, schema_version: 1, data });

/** Request with everything that a test does not care about filled in. */
export const request = (stream: AppendRequest['stream'], rest: Partial<AppendRequest> = {}): AppendRequest => ({
  stream,
  expected: 'any',
  events: [event('thing.done')],
  cause: { actor: 'user:ann', correlation_id: 'corr-1' },
  ...rest,
});

/** The result, when the append was accepted; otherwise an error that shows it. */
export function accepted(result: AppendResult): AppendResult & { status: 'appended' } {
  if (result.status !== 'appended') throw new Error(`not appended: ${JSON.stringify(result)}`);
  return result;
}

/** Gives positions until nothing is left. */
export async function sequenceAll(log: EventLog): Promise<void> {
  while ((await log.sequence(1000)).length > 0);
}
