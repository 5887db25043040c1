import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CommandAccepted, StreamRef } from '@agent-platform/contracts/kit/index';
import { followStream } from './follow.ts';
import type { Gateway } from './gateway.ts';
import { header, type RequestContext } from './request-context.ts';

/** Events after which nothing follows in a run. */
export const RUN_ENDS: ReadonlySet<string> = new Set(['run.completed', 'run.failed', 'run.cancelled']);

const LONGEST_WAIT_SECONDS = 120;

/** Seconds of `Prefer: wait=<seconds>` (RFC 7240), at most 120; undefined without it. What can't be read is ignored, as the RFC has it. */
export function preferredWait(request: FastifyRequest): number | undefined {
  const seconds = /(?:^|[\s,;])wait=(\d{1,9})(?=$|[\s,;])/.exec(header(request, 'prefer') ?? '')?.[1];
  return seconds === undefined ? undefined : Math.min(LONGEST_WAIT_SECONDS, Number(seconds));
}

/** Waits for the end of a new run: 200 with what it ended as, or 202 with what it is when the time is over. */
export async function answerEnd(
  reply: FastifyReply,
  gateway: Gateway,
  accepted: CommandAccepted,
  context: RequestContext,
  seconds: number,
): Promise<FastifyReply> {
  const stream: StreamRef = { workspace_id: context.workspace_id, category: 'run', stream_id: accepted.id };
  const limit = AbortSignal.any([AbortSignal.timeout(seconds * 1000), gateway.closing, closedBy(reply)]);
  let ended = false;
  let event_id = accepted.log.event_id;
  for await (const event of followStream(gateway.log, gateway.watch, stream, 0, limit)) {
    event_id = event.id;
    ended = RUN_ENDS.has(event.type);
    if (ended) break;
  }
  const feature = gateway.features.of('run');
  const now = await gateway.states.load(feature, stream);
  return reply
    .code(ended ? 200 : 202)
    .headers({ etag: `"${now.version}"`, location: `/api/v1/runtime/runs/${accepted.id}`, 'preference-applied': `wait=${seconds}` })
    .send({
      created_at: now.first?.time,
      ...feature.view(now.state, accepted.id),
      workspace_id: context.workspace_id,
      log: { ...accepted.log, version: now.version, event_id },
    });
}

/** Aborted when the caller has gone, or has its answer. */
export function closedBy(reply: FastifyReply): AbortSignal {
  const closed = new AbortController();
  reply.raw.once('close', () => closed.abort());
  return closed.signal;
}
