import { sql, type DatabasePool } from 'slonik';
import { z } from 'zod';
import type { EventEnvelope, StreamRef } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { createBatcher } from './batcher.ts';
import { withPatience } from './outage.ts';
import { Commit, envelopes, parseBodies, payloadsOf, type Upcast } from './read.ts';

interface Question {
  readonly stream: StreamRef;
  readonly from: number;
  readonly to: number;
  /** 0: all. */
  readonly limit: number;
  resolve(events: EventEnvelope[]): void;
  reject(error: unknown): void;
}

const MOST = Number.MAX_SAFE_INTEGER;
const Row = Commit.extend({ asked: z.int() });
const lines = (questions: readonly Question[], field: keyof StreamRef) => questions.map(({ stream }) => stream[field]).join('\n');

/** Reads streams; what is asked in one tick, or while two questions are under way, is one query. */
export function createStreamReader(pool: DatabasePool, upcast: Upcast, patienceMs: number) {
  const ask = async (questions: readonly Question[]): Promise<void> => {
    try {
      const rows = await withPatience(patienceMs, () =>
        pool.any(sql.type(Row)`select * from event_log.read_streams(
          ${lines(questions, 'workspace_id')}, ${lines(questions, 'category')}, ${lines(questions, 'stream_id')},
          ${`{${questions.map((one) => one.from).join()}}`}::bigint[], ${`{${questions.map((one) => one.to).join()}}`}::bigint[],
          ${`{${questions.map((one) => one.limit).join()}}`}::bigint[])`),
      );
      const bodies = parseBodies(rows);
      const payloads = await payloadsOf(pool, bodies);
      const answers: EventEnvelope[][] = questions.map(() => []);
      rows.forEach((row, index) => {
        const { stream, from, to, limit } = questions[row.asked - 1] as Question;
        const answer = answers[row.asked - 1] as EventEnvelope[];
        for (const event of envelopes(row, stream, bodies[index] ?? [], payloads, upcast))
          if (event.version >= from && event.version <= to && (limit === 0 || answer.length < limit)) answer.push(event);
      });
      questions.forEach((one, index) => one.resolve(answers[index] ?? []));
    } catch (error) {
      for (const one of questions) one.reject(error);
    }
  };

  const batcher = createBatcher<Question>({ maxInFlight: 2, maxItems: 100, maxQueued: 10_000, keysOf: () => [], send: ask });

  return {
    read: (stream: StreamRef, range: { from?: number; to?: number; limit?: number } = {}): Promise<EventEnvelope[]> =>
      new Promise((resolve, reject) => {
        const question = { stream, from: range.from ?? 1, to: range.to ?? MOST, limit: range.limit ?? 0, resolve, reject };
        if (question.to < question.from || range.limit === 0) resolve([]);
        else if (!batcher.add(question))
          reject(new Failure('transient', 'log-overloaded', 'too many reads are waiting for the event log; slow down and try again', { retryAfterSeconds: 1 }));
      }),
    idle: () => batcher.idle(),
  };
}
