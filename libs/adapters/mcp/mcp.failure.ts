import { InsufficientScopeError, ProtocolError, SdkError, SdkErrorCode, SdkHttpError, UnauthorizedError } from '@modelcontextprotocol/client';
import { Failure } from '@agent-platform/kernel/index';
import { McpChallenged, type McpLimits } from '@agent-platform/ports/mcp.port';
import { STREAM_ENDED } from './watched.transport.ts';

/** What the server itself said, and not we in its place. */
const isAnswer = (error: unknown): error is ProtocolError => error instanceof ProtocolError && error.code !== STREAM_ENDED;

const isTimeout = (error: unknown): boolean =>
  (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) || (error instanceof DOMException && error.name === 'TimeoutError');

/** Whether the server takes no question with these credentials: it has done nothing of what it was asked. */
export const isUnauthorized = (error: unknown): boolean => error instanceof UnauthorizedError || (error instanceof SdkHttpError && error.status === 401);

/** What was thrown, as the port's contract names it. */
export function toMcpFailure(error: unknown, { signal, timeout_ms }: McpLimits, why?: string): Failure {
  if (error instanceof Failure) return error;
  const cause = { cause: error };
  if (signal.aborted) return new Failure('transient', 'mcp-aborted', 'The call was given up before its answer came.', cause);
  if (isTimeout(error))
    return new Failure(
      'transient',
      'mcp-timeout',
      `The MCP server did not answer within ${timeout_ms} ms. Raise timeout_seconds, or look at the server.`,
      cause,
    );
  if (error instanceof InsufficientScopeError) return scopeMissing(error);
  if (isAnswer(error)) return new Failure('invalid', 'mcp-refused', `The MCP server refused: ${error.message.slice(0, 1_000)}`, cause);
  if (isUnauthorized(error))
    return new Failure('invalid', 'mcp-unauthorized', 'The MCP server wants other credentials: look at headers and oauth of its config.', cause);
  const said = why ?? (error instanceof Error ? `${error.name}: ${error.message}` : 'unknown');
  return new Failure(
    'transient',
    'mcp-unreachable',
    `The MCP server does not answer as one (${said.slice(0, 700)}). Look at its address, its transport and the server.`,
    cause,
  );
}

interface Challenge {
  readonly scope?: string | undefined;
  readonly resourceMetadataUrl?: URL | undefined;
}
const challenged = ({ scope, resourceMetadataUrl }: Challenge): { readonly cause: McpChallenged } => ({
  cause: new McpChallenged({ scope: scope ?? null, resource_metadata: resourceMetadataUrl?.href ?? null }),
});

export const authorizationRequired = (challenge: Challenge): Failure =>
  new Failure(
    'invalid',
    'mcp-authorization-required',
    'The MCP server wants a person to sign in: name it under /mcp/servers, and ask for its authorization there.',
    challenged(challenge),
  );

function scopeMissing({ requiredScope, resourceMetadataUrl, errorDescription }: InsufficientScopeError): Failure {
  const wants = requiredScope === undefined ? 'more than the token allows' : `the scope "${requiredScope}"`;
  const why = errorDescription === undefined ? '' : ` (${errorDescription.slice(0, 300)})`;
  const message = `The MCP server wants ${wants} for this${why}: ask for its authorization again.`;
  return new Failure('invalid', 'mcp-scope-missing', message, challenged({ scope: requiredScope, resourceMetadataUrl }));
}

/** Answers that say "I know no such session": a server that was started anew has done nothing of what it was asked. */
const NO_SESSION: ReadonlySet<number | undefined> = new Set([400, 404]);

/** Whether what was thrown says that nobody has heard the question. */
export const unheard = (error: unknown): boolean =>
  (error instanceof SdkHttpError && NO_SESSION.has(error.status)) || (error instanceof SdkError && error.code === SdkErrorCode.NotConnected);

/** Whether the server is well: it refused, or the caller gave up. */
export const harmless = (error: unknown, signal: AbortSignal): boolean => isAnswer(error) || signal.aborted;
