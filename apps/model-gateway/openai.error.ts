import { Failure } from '@agent-platform/kernel/index';
import type { Served } from './served.ts';

/** The body every OpenAI client understands. */
export interface OpenAiErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
    readonly budget?: Readonly<Record<string, unknown>>;
  };
}

/** An error on its way to the caller: status, body, and when to try again. */
export class OpenAiError extends Error {
  override readonly name = 'OpenAiError';
  readonly status: number;
  readonly code: string;
  readonly param: string | null;
  readonly retryAfterSeconds: number | undefined;
  /** Figures of the budget that refuses. */
  readonly budget: Readonly<Record<string, unknown>> | undefined;

  /** Who was asked and did not answer; undefined: nobody was. */
  served: Served | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    options: { param?: string; cause?: unknown; retryAfterSeconds?: number | undefined; budget?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, { cause: options.cause });
    this.status = status;
    this.code = code;
    this.param = options.param ?? null;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.budget = options.budget;
  }

  get body(): OpenAiErrorBody {
    const { message, param, code, budget } = this;
    return { error: { message, type: typeOf(this.status), param, code, ...(budget && { budget }) } };
  }
}

const typeOf = (status: number): string => {
  if (status === 401) return 'authentication_error';
  if (status === 402) return 'insufficient_quota';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
};

const RATE_LIMITED = 'model-rate-limited';

/** Anything thrown, as an answer. What is not known to be the caller's or the provider's doing keeps its details to the log. */
export function toOpenAiError(error: unknown): OpenAiError {
  if (error instanceof OpenAiError) return error;
  if (error instanceof Failure) {
    const status = error.code === RATE_LIMITED ? 429 : error.status;
    return new OpenAiError(status, error.code, error.message, { cause: error, retryAfterSeconds: error.retryAfterSeconds });
  }
  const status = error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  if (error instanceof Error && status < 500) return new OpenAiError(status, 'bad_request', error.message, { cause: error });
  return new OpenAiError(500, 'internal_error', 'The gateway failed; its log has the details under the request id.', { cause: error });
}
