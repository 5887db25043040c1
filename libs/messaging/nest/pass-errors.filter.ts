import { Catch, type ExceptionFilter } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';

/**
 * Hands what a handler threw on to the transport as it is, so that the kind of a Failure decides what becomes of the
 * message. Without it Nest replaces every error by "Internal server error".
 */
export class PassErrorsFilter implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
Catch()(PassErrorsFilter);
