import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { Failure } from '@agent-platform/kernel/index';

/** What a failed request means to the platform: who must act next. */
export function toEmbeddingFailure(error: unknown, signal: AbortSignal): Failure {
  if (error instanceof Failure) return error;
  if (signal.aborted) return new Failure('transient', 'embedding-aborted', 'The embeddings were given up before they came.', { cause: error });
  if (error instanceof APIConnectionTimeoutError) {
    return new Failure('transient', 'embedding-timeout', 'The embedding provider did not answer in time. Try again.', { cause: error });
  }
  if (error instanceof APIConnectionError) {
    const message = 'The embedding provider can not be reached. Check that it runs, and AGENT_PLATFORM_EMBEDDING_BASE_URL.';
    return new Failure('transient', 'embedding-unreachable', message, { cause: error });
  }
  if (error instanceof APIError && error.status !== undefined) return fromStatus(error, error.status);
  return new Failure('transient', 'embedding-bad-answer', 'The embedding provider answered with something that is no JSON. Check the base URL.', {
    cause: error,
  });
}

function fromStatus(error: APIError, status: number): Failure {
  const message = `The embedding provider answered ${status}: ${error.message.slice(0, 300)}`;
  if (status === 429) return new Failure('transient', 'embedding-rate-limited', message, { cause: error });
  if (status >= 500 || status === 408 || status === 425) return new Failure('transient', 'embedding-unavailable', message, { cause: error });
  return new Failure('invalid', 'embedding-refused', message, { cause: error });
}
