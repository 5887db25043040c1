import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CommandAccepted, EventEnvelope, JsonObject, StreamRef } from '@agent-platform/contracts/kit/index';
import { followStream } from './follow.ts';
import type { Gateway } from './gateway.ts';
import { header, type RequestContext } from './request-context.ts';

/** Events after which nothing follows in a run. */
export const RUN_ENDS: ReadonlySet<string> = new Set(['run.completed', 'run.failed', 'run.cancelled']);

/** The same, of a call of a tool outside of runs. */
const CALL_ENDS: ReadonlySet<string> = new Set(['tool_call.completed', 'tool_call.failed', 'tool_call.cancelled', 'tool_call.skipped']);

const LONGEST_WAIT_SECONDS = 120;

/** Seconds of `Prefer: wait=<seconds>` (RFC 7240), at most 120; undefined without it. What can't be read is ignored, as the RFC has it. */
export function preferredWait(request: FastifyRequest): number | undefined {
  const seconds = /(?:^|[\s,;])wait=(\d{1,9})(?=$|[\s,;])/.exec(header(request, 'prefer') ?? '')?.[1];
  return seconds === undefined ? undefined : Math.min(LONGEST_WAIT_SECONDS, Number(seconds));
}

/** What can be waited for: the events that end it, and where it is read. */
const WAITABLE = { run: { ends: RUN_ENDS, path: '/runtime/runs' }, tool_call: { ends: CALL_ENDS, path: '/tools/calls' } } as const;

export interface Wait {
  readonly category: keyof typeof WAITABLE;
  readonly seconds: number;
  /** Events that are enough, too, though they end nothing. */
  readonly enough?: (event: EventEnvelope) => boolean;
}

interface Waited {
  readonly ended: boolean;
  readonly created_at: string | undefined;
  readonly view: JsonObject;
  readonly log: CommandAccepted['log'];
}

/** Waits for the end of what was begun, or as long as the caller has time: what it is then. */
export async function waitForEnd(
  reply: FastifyReply,
  gateway: Gateway,
  { id, log }: CommandAccepted,
  { workspace_id }: RequestContext,
  { category, seconds, enough }: Wait,
): Promise<Waited> {
  const stream: StreamRef = { workspace_id, category, stream_id: id };
  const { ends } = WAITABLE[category];
  const limit = AbortSignal.any([AbortSignal.timeout(seconds * 1000), gateway.closing, closedBy(reply)]);
  let ended = false;
  let { event_id } = log;
  for await (const event of followStream(gateway.log, gateway.watch, stream, 0, limit)) {
    event_id = event.id;
    ended = ends.has(event.type);
    if (ended || enough?.(event)) break;
  }
  const feature = gateway.features.of(category);
  const { state, version, first } = await gateway.states.load(feature, stream);
  return { ended, created_at: first?.time, view: feature.view(state, id) ?? {}, log: { ...log, version, event_id } };
}

/** Answers after that wait: 200 with what it ended as, or 202 with what it is when the time is over. */
export async function answerEnd(reply: FastifyReply, gateway: Gateway, accepted: CommandAccepted, context: RequestContext, wait: Wait): Promise<FastifyReply> {
  const { ended, created_at, view, log } = await waitForEnd(reply, gateway, accepted, context, wait);
  return reply
    .code(ended ? 200 : 202)
    .headers({ etag: `"${log.version}"`, location: `/api/v1${WAITABLE[wait.category].path}/${accepted.id}`, 'preference-applied': `wait=${wait.seconds}` })
    .send({ created_at, ...view, workspace_id: context.workspace_id, log });
}

/** Aborted when the caller has gone, or has its answer. */
export function closedBy(reply: FastifyReply): AbortSignal {
  const closed = new AbortController();
  reply.raw.once('close', () => closed.abort());
  return closed.signal;
}
