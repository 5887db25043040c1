import { type ServerContext, Server } from '@modelcontextprotocol/server';
import type { EventEnvelope, JsonObject } from '@agent-platform/contracts/kit/index';
import { deterministicUuid } from '@agent-platform/kernel/deterministic-uuid';
import type { Gateway } from '../gateway.ts';
import type { RequestContext } from '../request-context.ts';
import { answerOf, protocolError } from './answer.ts';
import { callTool } from './call.ts';
import { ASKED } from './called.ts';
import { listTools } from './catalog.ts';
import { complete } from './completions.ts';
import { getPrompt, listPrompts } from './prompts.ts';
import { listRuns, listTemplates, readRun } from './resources.ts';
import type { CancelOf } from './sessions.ts';

/** `_meta` of a call: the same key means the same run, as `Idempotency-Key` of HTTP does. */
const IDEMPOTENCY_META = 'agent-platform/idempotency-key';

/**
 * The platform as an MCP server, for one request of one workspace. It keeps nothing, so any gateway answers any request,
 * and what a killed one was waiting for goes on: the run id asks for it again.
 */
export function createMcpServer(gateway: Gateway, context: RequestContext, cancelOf: CancelOf): Server {
  const server = new Server(
    { name: 'agent-platform', title: 'Agent Platform', version: '0.1.0' },
    {
      capabilities: { tools: {}, resources: {}, prompts: {}, completions: {} },
    },
  );
  const answering = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      gateway.logger.debug({ error, request_id: context.request_id }, 'an MCP request was refused');
      throw protocolError(error, context.request_id);
    }
  };
  server.setRequestHandler('tools/list', ({ params }) =>
    answering(async () => {
      const { tools, ...page } = await listTools(gateway, context.workspace_id, params?.cursor);
      return { tools: [...tools], ...page };
    }),
  );
  server.setRequestHandler('tools/call', ({ params }, call) =>
    answering(async () => {
      const { signal: cancelled, done } = cancelOf(call);
      try {
        const waiting = { cancelled, signal: AbortSignal.any([cancelled, call.mcpReq.signal]), onEvent: progressOf(call) };
        return answerOf(await callTool(gateway, keyed(context, call), params.name, (params.arguments ?? {}) as JsonObject, waiting));
      } finally {
        done();
      }
    }),
  );
  const { workspace_id } = context;
  server.setRequestHandler('resources/list', () => answering(() => listRuns(gateway, workspace_id)));
  server.setRequestHandler('resources/templates/list', () => listTemplates());
  server.setRequestHandler('prompts/list', ({ params }) => answering(() => listPrompts(gateway, workspace_id, params?.cursor)));
  server.setRequestHandler('prompts/get', ({ params }) => answering(() => getPrompt(gateway, workspace_id, params.name, params.arguments ?? {})));
  server.setRequestHandler('completion/complete', ({ params }) => answering(() => complete(gateway, workspace_id, params)));
  server.setRequestHandler('resources/read', ({ params }) => answering(() => readRun(gateway, workspace_id, params.uri)));
  return server;
}

function keyed(context: RequestContext, { mcpReq }: ServerContext): RequestContext {
  const key = mcpReq._meta?.[IDEMPOTENCY_META];
  return typeof key === 'string' && key !== '' ? { ...context, command_id: deterministicUuid(`${context.workspace_id}/idempotency-key/${key}`) } : context;
}

/** Tells a client that asked for it of every event of the run; the version of the event is how far it is. */
function progressOf({ mcpReq }: ServerContext): ((event: EventEnvelope) => Promise<void>) | null {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return null;
  return async (event) => {
    // A client that has gone hears nothing; its call ends by its signal.
    await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: event.version, message: told(event) } }).catch(() => undefined);
  };
}

function told({ type, stream_id, data }: EventEnvelope): string {
  const { node_id, task_id, wait } = data as Told;
  if (type === 'node.waiting' && wait?.for === 'human_task') return `node ${String(node_id)} waits for a person: task ${String(wait.detail.task_id)}`;
  if (ASKED.has(type) && task_id !== undefined) return `the call waits for a person: task ${task_id}`;
  return node_id === undefined ? `${type} ${stream_id}` : `${type} ${node_id}`;
}

/** What progress tells of an event. */
interface Told {
  readonly node_id?: string;
  readonly task_id?: string;
  readonly wait?: { readonly for: string; readonly detail: { readonly task_id?: string } };
}
