import type { FastifyInstance, FastifyReply } from 'fastify';
import { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import type { ToolTest } from '@agent-platform/contracts/gateway/tool.routes';
import type { CommandAccepted, JsonObject, StreamRef } from '@agent-platform/contracts/kit/index';
import { builtinTools } from '@agent-platform/nodes/builtin/index';
import { bodyOf } from './command-body.ts';
import { followStream } from './follow.ts';
import type { Gateway } from './gateway.ts';
import { fastifyPath } from './parameters.ts';
import { LONG } from './pressure.ts';
import { contextOf, type RequestContext } from './request-context.ts';
import { closedBy, preferredWait } from './run-end.ts';

const ENDS: ReadonlySet<string> = new Set(['tool_call.completed', 'tool_call.failed', 'tool_call.cancelled']);
/** Errors that an MCP server itself gave. */
const MCP_ANSWERS: ReadonlySet<string> = new Set(['mcp-tool-error', 'mcp-refused', 'mcp-unauthorized']);
const DEFAULT_WAIT_SECONDS = 30;
const EXCERPT_CHARACTERS = 500;

/** Routes of tools that are neither a command nor a read model: trying one, and those that need no definition. */
export function mountToolRoutes(app: FastifyInstance, gateway: Gateway): void {
  app.get(fastifyPath(gatewayRoutes['tool.builtins'].path), () => ({ items: builtinTools }));
  app.post(fastifyPath(gatewayRoutes['tool.test'].path), LONG, async (request, reply) => {
    const body = await bodyOf(request, 'tool_call.create');
    const context = contextOf(request, body);
    const { tool_id } = request.params as { tool_id: string };
    const accepted = await gateway.command('tool_call.create', { ...body, tool_id, purpose: 'test' }, context);
    return answerTest(reply, gateway, { accepted, context, tool_id, seconds: preferredWait(request) ?? DEFAULT_WAIT_SECONDS });
  });
}

interface Test {
  readonly accepted: CommandAccepted;
  readonly context: RequestContext;
  readonly tool_id: string;
  readonly seconds: number;
}

/** Waits for the end of the call: 200 with what came of it, or 202 with what is known when the time is over. */
async function answerTest(reply: FastifyReply, gateway: Gateway, { accepted, context, tool_id, seconds }: Test): Promise<FastifyReply> {
  const { workspace_id } = context;
  const stream: StreamRef = { workspace_id, category: 'tool_call', stream_id: accepted.id };
  const limit = AbortSignal.any([AbortSignal.timeout(seconds * 1000), gateway.closing, closedBy(reply)]);
  let event_id = accepted.log.event_id;
  let ended = false;
  for await (const event of followStream(gateway.log, gateway.watch, stream, 0, limit)) {
    event_id = event.id;
    ended = ENDS.has(event.type);
    if (ended) break;
  }
  const feature = gateway.features.of('tool_call');
  const { state, version } = await gateway.states.load(feature, stream);
  const view = feature.view(state, accepted.id) ?? {};
  const log = { ...accepted.log, version, event_id };
  return reply.code(ended ? 200 : 202).send({ tool_call_id: accepted.id, tool_id, ...explained(view), workspace_id, log });
}

/** What a person who tries a tool wants to know, from the call as the log has it. */
function explained(call: JsonObject): Omit<ToolTest, 'tool_call_id' | 'tool_id' | 'workspace_id' | 'log'> {
  // The view of a call is made by its feature, in the shape that the contract promises.
  const { status, tool_version_id, tool_binding_id, request, output_json, output_text, error, latency_ms } = call as unknown as Call;
  const http_status = output_json?.response?.status ?? error?.detail?.status ?? null;
  return {
    tool_version_id,
    tool_binding_id,
    status,
    reachable: status === 'completed' || http_status !== null || MCP_ANSWERS.has(error?.code ?? '') ? true : status === 'failed' ? false : null,
    http_status,
    latency_ms,
    reason: error?.message ?? null,
    excerpt: (output_text ?? error?.detail?.body_excerpt ?? null)?.slice(0, EXCERPT_CHARACTERS) ?? null,
    request,
  };
}

interface Call extends Pick<ToolTest, 'status' | 'tool_version_id' | 'tool_binding_id' | 'request' | 'latency_ms'> {
  readonly output_json: { readonly response?: { readonly status?: number } } | null;
  readonly output_text: string | null;
  readonly error: { readonly code: string; readonly message: string; readonly detail?: { readonly status?: number; readonly body_excerpt?: string } } | null;
}
