import type { FastifyInstance, FastifyRequest } from 'fastify';
import { gatewayRoutes } from '@agent-platform/contracts/gateway/gateway.contract';
import type { ToolTest } from '@agent-platform/contracts/gateway/tool.routes';
import type { CommandAccepted, EventEnvelope, JsonObject } from '@agent-platform/contracts/kit/index';
import { builtinTools } from '@agent-platform/nodes/builtin/index';
import type { ToolCallState } from '@agent-platform/tool-call/index';
import { bodyOf } from './command-body.ts';
import type { Gateway } from './gateway.ts';
import { fastifyPath } from './parameters.ts';
import { LONG } from './pressure.ts';
import { contextOf, type RequestContext } from './request-context.ts';
import { preferredWait, type Wait, waitForEnd } from './run-end.ts';

/** Errors of calls that were answered. */
const ANSWERED: ReadonlySet<string> = new Set([
  'tool-output-invalid',
  'mcp-tool-error',
  'mcp-refused',
  'mcp-unauthorized',
  'mcp-authorization-required',
  'mcp-scope-missing',
]);
const DEFAULT_WAIT_SECONDS = 30;
const EXCERPT_CHARACTERS = 500;

/** Routes of tools that are neither a command nor a read model: trying one, and those that need no definition. */
export function mountToolRoutes(app: FastifyInstance, gateway: Gateway): void {
  app.get(fastifyPath(gatewayRoutes['tool.builtins'].path), () => ({ items: builtinTools }));
  app.post(fastifyPath(gatewayRoutes['tool.test'].path), LONG, async (request, reply) => {
    const { fields: body } = await bodyOf(request, 'tool_call.create');
    const context = contextOf(request, body);
    const { tool_id } = request.params as { tool_id: string };
    const accepted = await gateway.command('tool_call.create', { ...body, tool_id, purpose: 'test' }, context);
    const seconds = preferredWait(request);
    const wait = { category: 'tool_call', seconds: seconds ?? DEFAULT_WAIT_SECONDS, ...(seconds === undefined && { enough: asksPerson }) } as const;
    const { ended, view, log } = await waitForEnd(reply, gateway, accepted, context, wait);
    return reply.code(ended ? 200 : 202).send({ tool_call_id: accepted.id, tool_id, ...explained(view), workspace_id: context.workspace_id, log });
  });
}

/** Whether a call waits for a person now: for how long, nobody can say. */
const asksPerson = ({ type }: EventEnvelope): boolean => type === 'tool_call.asked';

/**
 * How long the caller of a tool waits: as long as it prefers, or until a person has been asked, where one has to approve the
 * call; null: not at all.
 */
export async function waitForCall(request: FastifyRequest, gateway: Gateway, { id }: CommandAccepted, { workspace_id }: RequestContext): Promise<Wait | null> {
  const category = 'tool_call';
  const seconds = preferredWait(request);
  if (seconds !== undefined) return { category, seconds };
  const { state } = await gateway.states.load(gateway.features.of(category), { workspace_id, category, stream_id: id });
  // The stream's category says whose state it is.
  const { created } = state as ToolCallState;
  return created?.requires_approval ? { category, seconds: DEFAULT_WAIT_SECONDS, enough: asksPerson } : null;
}

/** What a person who tries a tool wants to know, from the call as the log has it. */
function explained(call: JsonObject): Omit<ToolTest, 'tool_call_id' | 'tool_id' | 'workspace_id' | 'log'> {
  // The view of a call is made by its feature, in the shape that the contract promises.
  const { status, task_id, tool_version_id, tool_binding_id, request, output_json, output_text, error, latency_ms } = call as unknown as Call;
  const http_status = output_json?.response?.status ?? error?.detail?.status ?? null;
  return {
    tool_version_id,
    tool_binding_id,
    status,
    task_id,
    reachable: status === 'completed' || http_status !== null || ANSWERED.has(error?.code ?? '') ? true : status === 'failed' ? false : null,
    http_status,
    latency_ms,
    reason: error?.message ?? (status === 'selected' && task_id !== null ? `A person has to approve the call: task ${task_id} waits for the answer.` : null),
    excerpt: (output_text ?? error?.detail?.body_excerpt ?? null)?.slice(0, EXCERPT_CHARACTERS) ?? null,
    request,
  };
}

interface Call extends Pick<ToolTest, 'status' | 'task_id' | 'tool_version_id' | 'tool_binding_id' | 'request' | 'latency_ms'> {
  readonly output_json: { readonly response?: { readonly status?: number } } | null;
  readonly output_text: string | null;
  readonly error: { readonly code: string; readonly message: string; readonly detail?: { readonly status?: number; readonly body_excerpt?: string } } | null;
}
