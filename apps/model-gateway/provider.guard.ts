import { finished } from 'node:stream';
import { BrokenCircuitError, bulkhead, BulkheadRejectedError, circuitBreaker, ConsecutiveBreaker, handleWhenResult } from 'cockatiel';
import type { BackendAnswer } from './backend.ts';
import type { Handling } from './models.file.ts';
import { OpenAiError, toOpenAiError } from './openai.error.ts';

/** Runs one attempt at a provider within its limits. Throws OpenAiError 429 `provider_busy`, 503 `provider_circuit_open`, 504 `provider_timeout`. */
export type ProviderGuard = (signal: AbortSignal, run: (signal: AbortSignal) => Promise<BackendAnswer>) => Promise<BackendAnswer>;

/** What says that a provider is ill: its own errors and silence. A caller's mistake, its leaving and a rate limit do not. */
const ill = (status: number): boolean => status >= 500;

/**
 * Keeps calls to one provider within its concurrency, its time limit and a circuit breaker. A place is held until the
 * answer has been sent to its end, since a stream occupies the provider that long.
 */
export function createProviderGuard(name: string, { concurrency, queue, timeout_ms, breaker }: Handling): ProviderGuard {
  const places = bulkhead(concurrency, queue);
  const circuit = circuitBreaker(
    handleWhenResult((answer) => ill((answer as BackendAnswer).status)).orWhen((error) => error instanceof OpenAiError && ill(error.status)),
    { halfOpenAfter: breaker.open_ms, breaker: new ConsecutiveBreaker(breaker.failures) },
  );

  /** Waits for a place; what it gives frees it. */
  const enter = () => new Promise<() => void>((entered, refused) => void places.execute(() => new Promise<void>((leave) => entered(leave))).catch(refused));

  return async (signal, run) => {
    const leave = await enter().catch((error: unknown) => Promise.reject(explained(name, breaker.open_ms, error)));
    const clock = new AbortController();
    const timer = setTimeout(() => clock.abort(), timeout_ms);
    const end = () => {
      clearTimeout(timer);
      leave();
    };
    try {
      signal.throwIfAborted();
      const answer = await circuit.execute(() => run(AbortSignal.any([signal, clock.signal])));
      if (typeof answer.body === 'string') end();
      else finished(answer.body, end);
      return answer;
    } catch (error) {
      end();
      if (signal.aborted) throw new OpenAiError(499, 'client_closed', 'The caller has gone.', { cause: error });
      if (clock.signal.aborted) {
        throw new OpenAiError(504, 'provider_timeout', `The model provider "${name}" did not answer within ${timeout_ms} ms.`, { cause: error });
      }
      throw explained(name, breaker.open_ms, error);
    }
  };
}

function explained(name: string, openMs: number, error: unknown): OpenAiError {
  if (error instanceof BulkheadRejectedError) {
    return new OpenAiError(429, 'provider_busy', `Too many calls wait for the model provider "${name}". Try again shortly, or raise its concurrency.`, {
      cause: error,
      retryAfterSeconds: 1,
    });
  }
  if (error instanceof BrokenCircuitError) {
    return new OpenAiError(503, 'provider_circuit_open', `The model provider "${name}" failed too often and is left alone for a while.`, {
      cause: error,
      retryAfterSeconds: Math.ceil(openMs / 1000),
    });
  }
  return toOpenAiError(error);
}
