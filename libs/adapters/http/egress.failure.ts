import { Failure } from '@agent-platform/kernel/index';

/** Cause of every failure of the HTTP port. `sent`: the request may have reached the server. */
export class SendError extends Error {
  override readonly name = 'SendError';
  readonly sent: boolean;

  constructor(sent: boolean, cause?: unknown) {
    super(sent ? 'the request may have reached the server' : 'the request did not leave', { cause });
    this.sent = sent;
  }
}

/**
 * The one answer to every address that is not allowed. It never says which rule refused it, so that nobody can map
 * the inside of the network by asking.
 */
export const egressDenied = (sent = false): Failure =>
  new Failure(
    'invalid',
    'egress-denied',
    'url: requests may only go to public hosts on port 80 or 443, or to a host:port that the operator allowed. Check the address for typing errors, or ask the operator to add it to the egress allow list.',
    { cause: new SendError(sent) },
  );

export const badUrl = (sent = false): Failure =>
  new Failure('invalid', 'bad-url', 'url: must be an absolute http or https address. Give it as https://host/path.', {
    cause: new SendError(sent),
  });
