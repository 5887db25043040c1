import { Client, SSEClientTransport, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import type { JsonValue } from '@agent-platform/contracts/kit/index';
import type { McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { Failure } from '@agent-platform/kernel/index';
import type { McpLimits, McpPort } from '@agent-platform/ports/mcp.port';
import { readCatalog } from './catalog.reader.ts';
import { ChildTransport } from './child.transport.ts';
import { toMcpFailure } from './mcp.failure.ts';

export interface McpPortConfig {
  /** The one door to the outside over HTTP: decides which addresses may be reached. */
  readonly fetch: typeof fetch;
  /** Exact command lines (command and arguments, one space between) that may be started. */
  readonly stdioAllow: readonly string[];
}

/**
 * One connection, or one process, for each question: nothing is shared between workspaces, and nothing stays. New servers
 * are asked as they like it (2026-07-28), old ones are recognised.
 */
export function createMcpPort(config: McpPortConfig): McpPort {
  const using = async <T>(server: McpServerConfig, limits: McpLimits, work: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client(
      { name: 'agent-platform', version: '0.1.0' },
      // Schemas of strangers are not compiled here: what a tool answers is data, whatever it promised.
      {
        versionNegotiation: { mode: 'auto' },
        jsonSchemaValidator: { getValidator: () => (data) => ({ valid: true, data: data as never, errorMessage: undefined }) },
      },
    );
    // The client makes errors of its own of what the door refuses, and loses why.
    let refused: Failure | undefined;
    const guarded: typeof fetch = async (...asked) => {
      try {
        return await config.fetch(...asked);
      } catch (error) {
        if (error instanceof Failure) refused = error;
        throw error;
      }
    };
    try {
      await client.connect(transportTo(server, { ...config, fetch: guarded }), options(limits));
      return await work(client);
    } catch (error) {
      throw refused ?? toMcpFailure(error, limits);
    } finally {
      await client.close().catch(() => undefined); // What can't be closed has gone.
    }
  };
  return {
    discover: (server, limits) => using(server, limits, (client) => readCatalog(client, options(limits))),
    call: (server, { tool, arguments: input, key }, limits) =>
      using(server, limits, async (client) => {
        const params = { name: tool, arguments: input, _meta: { 'agent-platform/idempotency-key': key } };
        const answer = await client.callTool(params, { ...options(limits), onprogress: limits.onProgress as (progress: object) => void });
        return {
          content: answer.content as JsonValue,
          structured: (answer.structuredContent ?? null) as JsonValue,
          is_error: answer.isError === true,
        };
      }),
  };
}

const options = ({ signal, timeout_ms }: McpLimits) => ({ signal, timeout: timeout_ms, maxTotalTimeout: timeout_ms });

function transportTo(server: McpServerConfig, { fetch, stdioAllow }: McpPortConfig): Transport {
  if (server.transport === 'stdio') {
    const { command, args = [] } = server;
    if (stdioAllow.includes([command, ...args].join(' '))) return new ChildTransport(command, args);
    throw new Failure(
      'invalid',
      'mcp-stdio-denied',
      'config.command: the operator has not allowed this command line; ask for it to be added to AGENT_PLATFORM_MCP_STDIO_ALLOW, or use HTTP.',
    );
  }
  const url = URL.parse(server.url);
  if (!url) throw new Failure('invalid', 'bad-url', 'config.url: must be an absolute http or https address. Give it as https://host/path.');
  const http = { fetch, requestInit: { headers: server.headers ?? {} } };
  return server.transport === 'sse' ? new SSEClientTransport(url, http) : new StreamableHTTPClientTransport(url, http);
}
