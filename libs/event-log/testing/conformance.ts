import { afterAll, beforeAll, describe } from 'vitest';
import { appendTests } from './conformance-append.ts';
import { idempotencyTests } from './conformance-idempotency.ts';
import { leaseTests } from './conformance-leases.ts';
import { raceTests } from './conformance-races.ts';
import { readingTests } from './conformance-reading.ts';
import type { Harness, Subject } from './subject.ts';

/** The promises of `EventLog`. Every implementation runs all of them. */
export function conformance(name: string, start: () => Promise<Harness>): void {
  describe(`the log ${name}`, () => {
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
