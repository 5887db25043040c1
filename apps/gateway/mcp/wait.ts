import type { EventEnvelope } from '@agent-platform/contracts/kit/index';
import { followStream } from '../follow.ts';
import type { Gateway } from '../gateway.ts';
import { ASKED, type Called, type CalledStream, find, isEnd, notFound } from './called.ts';

export interface Waiting {
  /** How long an answer may take; then it says where the run is. */
  readonly seconds: number;
  /** Given up by the caller. */
  readonly signal: AbortSignal;
  /** Told of every event; null: nobody listens, so a run that waits for a person is answered at once. */
  readonly onEvent: ((event: EventEnvelope) => Promise<void>) | null;
}

/** Follows what was called to its end, or as long as the caller has patience. Throws Failure('missing') when there is none. */
export async function waitFor(gateway: Gateway, stream: CalledStream, { seconds, signal, onEvent }: Waiting): Promise<Called> {
  const limit = AbortSignal.any([signal, gateway.closing, AbortSignal.timeout(seconds * 1000)]);
  // Nothing would ever be heard of a run that is not there.
  await load(gateway, stream);
  for await (const event of followStream(gateway.log, gateway.watch, stream, 0, limit)) {
    await onEvent?.(event);
    if (isEnd(stream.category, event.type)) break;
    if (onEvent !== null || !ASKED.has(event.type)) continue;
    // An event read from the log may be long over, so what counts is what the run waits for at present.
    if ((await load(gateway, stream)).open_tasks.length > 0) break;
  }
  return load(gateway, stream);
}

async function load(gateway: Gateway, stream: CalledStream): Promise<Called> {
  const called = await find(gateway, stream);
  if (!called) throw notFound(stream.stream_id, stream.workspace_id);
  return called;
}
