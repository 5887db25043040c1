import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import type { AppendRequest, AppendResult, EventLog, Upcast } from '../index.ts';
import type { OwnerLock } from '../owner-lock.ts';
import { appendTests } from './conformance-append.ts';
import { idempotencyTests } from './conformance-idempotency.ts';
import { leaseTests } from './conformance-leases.ts';
import { raceTests } from './conformance-races.ts';
import { readingTests } from './conformance-reading.ts';

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

/** The promises of `EventLog`. Every implementation runs all of them. */
export function conformance(name: string, start: () => Promise<Harness>): void {
  describe(name, () => {
    let subject: Subject;
    beforeAll(async () => {
      const harness = await start();
      subject = { harness, log: await harness.open() };
    }, 60_000);
    afterAll(async () => {
      await subject.log.close();
      await subject.harness.stop();
    }, 30_000);
    for (const tests of [appendTests, idempotencyTests, leaseTests, readingTests, raceTests]) tests(() => subject);
  });
}

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
