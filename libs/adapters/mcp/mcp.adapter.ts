import { createHash } from 'node:crypto';
import type { McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { Failure } from '@agent-platform/kernel/index';
import type { McpLimits, McpPort } from '@agent-platform/ports/mcp.port';
import { readCatalog } from './catalog.reader.ts';
import { type McpConnection, type McpPortConfig, openConnection, options } from './connection.ts';
import { ConnectionPool } from './connection.pool.ts';
import { harmless, isUnauthorized, toMcpFailure, unheard } from './mcp.failure.ts';
import { ask } from './question.ts';
import { createSignIn } from './sign-in.ts';

/** Unused for so long, a connection or a process ends. */
const IDLE_MS = 30_000;
const MOST_KEPT = 64;
const LEAST_OPENING_MS = 5_000;
const NEVER = new AbortController().signal;
/** Processes that may be at work at once. */
const MOST_CHILDREN = 32;

/**
 * Connections and processes are kept for a while, for the same workspace asking the same server with the same credentials;
 * of the old SSE transport none is, because all its answers are one stream that ends at 8 MB.
 */
export function createMcpPort(config: McpPortConfig & { readonly idleMs?: number }): McpPort & { close(): Promise<void> } {
  const pool = new ConnectionPool<McpConnection>({ idleMs: config.idleMs ?? IDLE_MS, most: MOST_KEPT, unheard });
  let children = 0;

  const open = async (server: McpServerConfig, limits: McpLimits): Promise<McpConnection> => {
    if (server.transport !== 'stdio') return openConnection(server, config, limits);
    // One that only waits to be asked again makes room.
    if (children >= MOST_CHILDREN && !pool.endIdle(({ isProcess }) => isProcess))
      throw new Failure('transient', 'mcp-busy', `There are ${MOST_CHILDREN} MCP servers at work as processes; try again when one has ended.`);
    children++;
    try {
      const connection = await openConnection(server, config, limits);
      void connection.ended.then(() => children--);
      return connection;
    } catch (error) {
      children--;
      throw error;
    }
  };

  const using = async <T>(server: McpServerConfig, limits: McpLimits, work: (connection: McpConnection) => Promise<T>): Promise<T> => {
    const key =
      server.transport === 'sse'
        ? null
        : createHash('sha256')
            .update(JSON.stringify([limits.scope, server]))
            .digest('base64');
    // One that others wait for, too, does not end with the first who wanted it.
    const opening = key === null ? limits : { ...limits, signal: NEVER, timeout_ms: Math.max(limits.timeout_ms, LEAST_OPENING_MS) };
    const given = AbortSignal.any([limits.signal, AbortSignal.timeout(limits.timeout_ms)]);
    let why: Failure | string | undefined;
    try {
      return await pool.use(
        key,
        () => open(server, opening),
        async (connection) => {
          connection.why();
          try {
            return await connection.withoutTokens(await work(connection));
          } catch (error) {
            // Others ask on the same connection: what was refused to them is nothing to this one.
            why = isUnauthorized(error) ? (connection.wants() ?? connection.why()) : connection.why();
            // The error is ours alone until it is thrown on.
            if (error instanceof Error) error.message = await connection.withoutTokens(error.message);
            throw error;
          }
        },
        (error) => harmless(error, limits.signal),
        given,
      );
    } catch (error) {
      throw why instanceof Failure ? why : toMcpFailure(error, limits, why);
    }
  };

  return {
    discover: (server, limits) => using(server, limits, ({ client }) => readCatalog(client, options(limits))),
    call: (server, call, limits) => using(server, limits, ({ client }) => ask(client, call, options(limits), limits.onProgress)),
    oauth: createSignIn(config.fetch),
    close: () => pool.close(),
  };
}
