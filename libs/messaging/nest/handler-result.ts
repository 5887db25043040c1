import { lastValueFrom, type Observable } from 'rxjs';
import { Failure } from '@agent-platform/kernel/failure';

/**
 * What a Nest handler came to. Nest hides a failure twice: a handler that throws reaches the transport as an observable,
 * and that observable's error is a plain object which has nothing of what was thrown. So the observable is always run to
 * its end, no value means no answer, and an error that is not an Error becomes a fault of its own.
 *
 * Throws what the handler threw when `PassErrorsFilter` is installed, otherwise Failure('fault', 'handler-failed').
 */
export async function handlerResult(stream: Observable<unknown>): Promise<unknown> {
  try {
    return await lastValueFrom(stream, { defaultValue: undefined });
  } catch (error) {
    if (error instanceof Error) throw error;
    throw new Failure('fault', HANDLER_FAILED, 'A message handler failed and Nest kept the reason; the log has it. Install PassErrorsFilter to get it here.', {
      cause: error,
    });
  }
}

export const HANDLER_FAILED = 'handler-failed';
