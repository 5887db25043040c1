import type { Problem, ProblemField } from '@agent-platform/contracts/kit/index';
import type { Rejection } from './decider.ts';

/** Who must act next. */
export type FailureKind = 'invalid' | 'denied' | 'missing' | 'conflict' | 'transient' | 'fault';

/** The one table from kind to HTTP status and to what a consumer does with the message. */
export const FAILURES = {
  invalid: { status: 400, settle: 'term', retryable: false, title: 'Invalid input' },
  denied: { status: 403, settle: 'term', retryable: false, title: 'Not allowed' },
  missing: { status: 404, settle: 'ack', retryable: false, title: 'Not found' },
  conflict: { status: 409, settle: 'nak', retryable: false, title: 'Conflict' },
  transient: { status: 503, settle: 'nak', retryable: true, title: 'Temporarily unavailable' },
  fault: { status: 500, settle: 'dead', retryable: false, title: 'Internal fault' },
} as const satisfies Record<FailureKind, unknown>;

export interface FailureOptions {
  readonly cause?: unknown;
  readonly errors?: readonly ProblemField[];
  /** Overrides the status of the kind, e.g. 401, 413, 429. */
  readonly status?: number;
  readonly retryAfterSeconds?: number;
}

const BRAND = Symbol.for('agent-platform.failure');

/** Everything that goes wrong and is not a rejection. Its kind says who must act next; the cause is kept. */
export class Failure extends Error {
  /** A bundled role and a module of nodes that it loads have a copy of this class each; `instanceof` knows both. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && BRAND in value;
  }

  readonly [BRAND] = true;
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  readonly code: string;
  readonly errors: readonly ProblemField[] | undefined;
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: FailureKind, code: string, message: string, options: FailureOptions = {}) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.code = code;
    this.errors = options.errors;
    this.status = options.status ?? FAILURES[kind].status;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Wraps what was thrown; an unknown error is a fault whose details stay in the log, not in the answer. */
export const toFailure = (error: unknown): Failure =>
  error instanceof Failure
    ? error
    : new Failure('fault', 'internal-fault', 'Something went wrong on our side; the log has the details under this request id.', {
        cause: error,
      });

export const rejectionToFailure = (rejection: Rejection): Failure =>
  new Failure(rejection.rejected, rejection.code, rejection.message, {
    ...(rejection.errors && { errors: rejection.errors }),
  });

/** problem+json body of a failure. */
export function toProblem(failure: Failure, context: { request_id?: string; instance?: string } = {}): Problem {
  const { title, retryable } = FAILURES[failure.kind];
  return {
    type: `/problems/${failure.code}`,
    title,
    status: failure.status,
    code: failure.code,
    detail: failure.message,
    retryable,
    ...(context.instance !== undefined && { instance: context.instance }),
    ...(context.request_id !== undefined && { request_id: context.request_id }),
    ...(failure.retryAfterSeconds !== undefined && { retry_after_seconds: failure.retryAfterSeconds }),
    ...(failure.errors && { errors: [...failure.errors] }),
  };
}
