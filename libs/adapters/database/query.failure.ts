import { Failure } from '@agent-platform/kernel/index';

/** How far a call had come when it failed. */
export type Phase = 'connect' | 'statement' | 'commit';

/** Cause of every failure: whether a write may have been committed. */
class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly sent: boolean;

  constructor(sent: boolean, cause: unknown) {
    super(sent ? 'the write may have been committed' : 'nothing was written', { cause });
    this.sent = sent;
  }
}

interface Refusal {
  readonly sqlstate: string;
  readonly message: string;
  readonly position: string | undefined;
}

/** What Postgres said; null for anything that is no answer of Postgres. */
function refusalOf(error: unknown): Refusal | null {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return null;
  const position = 'position' in error && typeof error.position === 'string' ? error.position : undefined;
  return { sqlstate: String(error.code), message: error.message, position };
}

/** Classes of states in which the server was not at work: connection, resources, operator. */
const AWAY = /^(?:08|53|57P|58)/;

/** What was thrown, as the port promises it. What a server says before it lets us in stays here: it names users and hosts. */
export function queryFailure(
  error: unknown,
  now: { readonly connection: string; readonly phase: Phase; readonly timeoutMs: number; readonly late: boolean },
): Failure {
  if (error instanceof Failure) return error;
  const { connection, phase, timeoutMs, late } = now;
  const refusal = refusalOf(error);
  const options = { cause: new QueryError(phase === 'commit' && refusal === null, error) };
  if (late || refusal?.sqlstate === '57014')
    return new Failure('transient', 'database-timeout', `The statement took longer than ${timeoutMs} ms. Ask for less, or raise the timeout.`, options);
  if (!refusal || phase === 'connect' || AWAY.test(refusal.sqlstate)) {
    const why = refusal ? ` (${refusal.sqlstate})` : '';
    const message = `The database "${connection}" can't be reached${why}; the operator has to look at it and its settings.`;
    return new Failure('transient', 'database-unreachable', message, options);
  }
  const { sqlstate, message, position } = refusal;
  if (sqlstate === '25006')
    return new Failure('denied', 'database-read-only', `${message}: calls read unless they say mode: "write", on a connection that allows it.`, options);
  if (sqlstate === '40001' || sqlstate === '40P01')
    return new Failure('transient', 'database-conflict', `Another transaction was in the way, nothing was written: ${message}.`, options);
  const where = position === undefined ? '' : ` at character ${position}`;
  return new Failure('invalid', 'database-query-failed', `The statement failed${where}: ${message} (${sqlstate}).`, options);
}
