import { ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/client';
import { Failure } from '@agent-platform/kernel/index';
import type { McpLimits } from '@agent-platform/ports/mcp.port';

/** What was thrown, as the port's contract names it. */
export function toMcpFailure(error: unknown, { signal, timeout_ms }: McpLimits): Failure {
  if (error instanceof Failure) return error;
  if (signal.aborted) return new Failure('transient', 'mcp-aborted', 'The call was given up before its answer came.', { cause: error });
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout)
    return new Failure('transient', 'mcp-timeout', `The MCP server did not answer within ${timeout_ms} ms. Raise timeout_seconds, or look at the server.`, {
      cause: error,
    });
  if (error instanceof ProtocolError) return new Failure('invalid', 'mcp-refused', `The MCP server refused: ${error.message}`, { cause: error });
  const why = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'unknown';
  return new Failure('transient', 'mcp-unreachable', `The MCP server does not answer as one (${why}). Look at its address, its transport and the server.`, {
    cause: error,
  });
}
