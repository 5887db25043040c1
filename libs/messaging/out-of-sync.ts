/**
 * The event stream is not where the publisher believed: something was lost, wiped, or published by another relay.
 * Nothing is broken: call `resume()` and go on from the position it tells, reading the log again.
 */
export class OutOfSync extends Error {
  override readonly name = 'OutOfSync';
  /** What was seen, for the log line. */
  readonly reason: 'sequence' | 'no-stream' | 'no-answer' | 'position' | 'refused';

  constructor(reason: OutOfSync['reason'], message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}
