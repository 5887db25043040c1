import { createPgDriverFactory } from '@slonik/pg-driver';
import { createPool, createTypeParserPreset, type DatabasePool } from 'slonik';
import { Failure } from '@agent-platform/kernel/index';
import { withAnswerDeadline } from './answer-deadline.ts';

export interface PoolOptions {
  /** Connections at most; default 8. */
  readonly connections?: number;
  /** Shown in pg_stat_activity. */
  readonly name?: string;
}

/** Longest that Postgres works on a statement, and that its answer is waited for: a dead connection is noticed within half a minute. */
const STATEMENT_MS = 25_000;
const ANSWER_MS = 28_000;

const safeInteger = (value: string): number => {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Failure('fault', 'integer-unsafe', `${value} is above 2^53 and can't be read exactly`);
  return number;
};

/** `2026-01-02 03:04:05.678+00` to ISO with milliseconds; other offsets go through Date. */
const isoTime = (value: string): string =>
  value.endsWith('+00') && value.charAt(10) === ' '
    ? `${value.slice(0, 10)}T${value.slice(11, 19)}.${value.slice(20, -3).padEnd(3, '0').slice(0, 3)}Z`
    : new Date(value.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')).toISOString();

/**
 * A slonik pool as the log needs it. Against slonik's defaults: int8 arrives as a checked number and instants as
 * ISO text; nothing is retried behind our back; and a released connection is not reset, because DISCARD ALL
 * costs a round trip per query and throws away the plans cached for our functions.
 */
export function openPool(url: string, options: PoolOptions = {}): Promise<DatabasePool> {
  const replaced = new Set(['int8', 'timestamptz']);
  return createPool(url, {
    maxPoolSize: options.connections ?? 8,
    ...(options.name !== undefined && { poolName: options.name }),
    typeParsers: [
      ...createTypeParserPreset().filter((parser) => !replaced.has(parser.name)),
      { name: 'int8', parse: safeInteger },
      { name: 'timestamptz', parse: isoTime },
    ],
    driverFactory: withAnswerDeadline(createPgDriverFactory(), ANSWER_MS),
    queryRetryLimit: 0,
    transactionRetryLimit: 0,
    connectionRetryLimit: 0,
    statementTimeout: STATEMENT_MS,
    idleInTransactionSessionTimeout: 15_000,
    idleTimeout: 60_000,
    gracefulTerminationTimeout: 500,
    resetConnection: () => Promise.resolve(),
  });
}
