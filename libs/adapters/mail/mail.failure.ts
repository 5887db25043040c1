import { Failure } from '@agent-platform/kernel/index';

/** Cause of every failure: whether the server may have taken the mail. */
class MailError extends Error {
  override readonly name = 'MailError';
  readonly sent: boolean;

  constructor(sent: boolean, cause: unknown) {
    super(sent ? 'the mail may have been taken' : 'the mail was not taken', { cause });
    this.sent = sent;
  }
}

export const invalidMail = (message: string): Failure => new Failure('invalid', 'mail-invalid', message, { cause: new MailError(false, undefined) });

/** How far a mail had come: until the whole of it was on its way, no server can have taken it. */
export type Phase = 'connect' | 'login' | 'envelope' | 'content';

const CREDENTIALS = 'The mail server does not accept the user and password.';

/** What was thrown, as the port promises it. Of a server's words only those about the mail are repeated. */
export function mailFailure(
  error: unknown,
  { phase, late, timeoutMs }: { readonly phase: Phase; readonly late: boolean; readonly timeoutMs: number },
): Failure {
  if (error instanceof Failure) return error;
  const { status, said } = replyOf(error);
  const cause = new MailError(phase === 'content' && status === null, error);
  if (late) return new Failure('transient', 'mail-timeout', `The mail server did not take the mail within ${timeoutMs} ms.`, { cause });
  if (status === null)
    return new Failure('transient', 'mail-unreachable', 'The mail server did not answer as one does. Look at its address, port and TLS.', { cause });
  if (phase === 'login' && status >= 500) return new Failure('invalid', 'mail-refused', CREDENTIALS, { cause });
  if (status >= 500) return new Failure('invalid', 'mail-refused', `The mail server refused the mail: ${said}`, { cause });
  return new Failure('transient', 'mail-deferred', `The mail server wants the mail later: ${phase === 'login' ? status : said}`, { cause });
}

function replyOf(error: unknown): { readonly status: number | null; readonly said: string } {
  if (!(error instanceof Error) || !('responseCode' in error) || typeof error.responseCode !== 'number') return { status: null, said: '' };
  return { status: error.responseCode, said: 'response' in error ? String(error.response).slice(0, 500) : '' };
}
