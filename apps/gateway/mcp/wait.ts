import type { EventEnvelope, JsonObject, StreamRef } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { openTasks, type RunState } from '@agent-platform/run/run.state';
import { followStream } from '../follow.ts';
import type { Gateway } from '../gateway.ts';
import { RUN_ENDS } from '../run-end.ts';

export interface Waiting {
  /** How long an answer may take; then it says where the run is. */
  readonly seconds: number;
  /** Given up by the caller. */
  readonly signal: AbortSignal;
  /** Told of every event; null: nobody listens, so a run that waits for a person is answered at once. */
  readonly onEvent: ((event: EventEnvelope) => Promise<void>) | null;
}

/** A run as it was when the wait was over, and the people it waits for. */
export interface Waited {
  readonly run: JsonObject;
  readonly ended: boolean;
  readonly open_tasks: readonly string[];
}

/** Follows a run to its end, or as long as the caller has patience. Throws Failure('missing') when there is none. */
export async function waitForRun(gateway: Gateway, stream: StreamRef, { seconds, signal, onEvent }: Waiting): Promise<Waited> {
  const limit = AbortSignal.any([signal, gateway.closing, AbortSignal.timeout(seconds * 1000)]);
  // Nothing would ever be heard of a run that is not there.
  await load(gateway, stream);
  for await (const event of followStream(gateway.log, gateway.watch, stream, 0, limit)) {
    await onEvent?.(event);
    if (RUN_ENDS.has(event.type)) break;
    if (onEvent !== null || event.type !== 'node.waiting') continue;
    // An event read from the log may be long over, so what counts is what the run waits for at present.
    if ((await load(gateway, stream)).open_tasks.length > 0) break;
  }
  return load(gateway, stream);
}

async function load(gateway: Gateway, stream: StreamRef): Promise<Waited> {
  const feature = gateway.features.of('run');
  const { state } = await gateway.states.load(feature, stream);
  const run = feature.view(state, stream.stream_id);
  if (!run) throw new Failure('missing', 'run-not-found', `There is no run "${stream.stream_id}" in workspace "${stream.workspace_id}".`);
  // The stream's category says whose state it is.
  return { run, ended: RUN_ENDS.has(`run.${run['status'] as string}`), open_tasks: openTasks(state as RunState) };
}
