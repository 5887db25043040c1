import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Problem } from '@agent-platform/contracts/kit/problem';
import { NodeRunView, RunView } from '@agent-platform/contracts/run/run.contract';
import { LONGEST_RUN_SECONDS, type RuntimeService, type WorkflowService } from './service.ts';

/** Who asks, and with what. */
export interface Caller {
  readonly tenant: string;
  readonly key?: string | undefined;
}

const LONGEST_MS = (LONGEST_RUN_SECONDS + 10) * 1000;
const Ended = z.object({ id: z.string(), log: z.object({ event_id: z.string() }) });
const Nodes = z.object({ items: z.array(NodeRunView) });

const headersOf = ({ tenant, key }: Caller): Record<string, string> => ({
  'x-tenant-id': tenant,
  ...(key !== undefined && { authorization: `Bearer ${key}`, 'x-api-key': key }),
});

async function send(caller: Caller, method: string, url: string, body?: object, more: Readonly<Record<string, string>> = {}): Promise<Response> {
  const answer = await fetch(url, {
    method,
    headers: { ...headersOf(caller), ...more, ...(body && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }) },
    ...(body && { body: JSON.stringify(body) }),
    // A key is for the address it was given for.
    redirect: 'manual',
    signal: AbortSignal.timeout(LONGEST_MS),
  }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : String(cause);
    throw new Error(`${method} ${url} is not answered: ${reason}. Start the platform, or correct the address.`);
  });
  if (answer.ok) return answer;
  const problem = Problem.safeParse(await answer.json().catch(() => undefined));
  const reason = problem.success ? `${problem.data.code}: ${problem.data.detail}` : answer.statusText;
  throw new Error(`${method} ${url} answered ${answer.status} (${reason}).${REMEDIES[answer.status]?.(caller) ?? ''}`);
}

/** What can be done about a status, where it says so by itself. */
const REMEDIES: Readonly<Record<number, (caller: Caller) => string>> = {
  401: ({ key }) =>
    key === undefined
      ? ' Set AGENT_PLATFORM_SMOKE_API_KEY to a key of this gateway.'
      : ' AGENT_PLATFORM_SMOKE_API_KEY is not a key of this gateway, or not active.',
  403: ({ tenant }) => ` The key may not do this in workspace ${tenant} (AGENT_PLATFORM_SMOKE_TENANT_ID).`,
  404: () => ' Check that the address ends with /gateway/workflows or /gateway/runtime.',
};

async function read<T extends z.ZodType>(answer: Response, shape: T): Promise<z.output<T>> {
  const parsed = shape.safeParse(await answer.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw new Error(`${answer.url} answered something else than this platform does: ${z.prettifyError(parsed.error)}`);
}

/** Workflows behind a gateway; `url` is that of the list. */
export const gatewayWorkflows = (url: string, caller: Caller): WorkflowService => ({
  create: async (document) => void (await send(caller, 'POST', url, document)),
  publish: async (workflowId) => void (await send(caller, 'POST', `${url}/${workflowId}/publish`, {})),
  remove: async (workflowId) => void (await send(caller, 'DELETE', `${url}/${workflowId}`)),
});

/** Runs behind a gateway, read back from the read model as of the event that ended them. */
export const gatewayRuntime = (url: string, caller: Caller): RuntimeService => ({
  async run(workflow_id, input) {
    const wait = { prefer: `wait=${LONGEST_RUN_SECONDS}` };
    const ended = await read(await send(caller, 'POST', `${url}/runs`, { workflow_id, input }, wait), Ended);
    const after = `read_after=${ended.log.event_id}`;
    const { status, output_text } = await read(await send(caller, 'GET', `${url}/runs/${ended.id}?${after}`), RunView);
    const { items } = await read(await send(caller, 'GET', `${url}/runs/${ended.id}/node-runs?${after}`), Nodes);
    return { status, output_text, nodes: Object.fromEntries(items.map((one) => [one.node_id, one.status])) };
  },
});

/** Whether a gateway refuses who comes without a key. */
export async function demandsKey(workflowUrl: string, { tenant }: Caller): Promise<boolean> {
  const answer = await fetch(`${workflowUrl}?limit=1`, { headers: headersOf({ tenant }), redirect: 'manual', signal: AbortSignal.timeout(LONGEST_MS) });
  await answer.body?.cancel();
  return answer.status === 401 || answer.status === 403;
}
