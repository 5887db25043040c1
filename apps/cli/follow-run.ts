import { setTimeout as pause } from 'node:timers/promises';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { EventEnvelope } from '@agent-platform/contracts/kit/index';
import { CliError, unavailable } from './cli.error.ts';
import { EXIT } from './exit.code.ts';
import type { GatewayClient } from './gateway.client.ts';

/** Events after which nothing follows in a run. */
const RUN_ENDS: ReadonlySet<string> = new Set(['run.completed', 'run.failed', 'run.cancelled']);

const TRIES = 20;
const PAUSE_MS = 500;

/**
 * Events of a run as they happen, to its end. A connection that breaks is opened again after the last event that came,
 * so none is missed or seen twice; when the gateway stays away it throws `unavailable`.
 */
export async function* followRun(gateway: GatewayClient, runId: string, after: number, signal: AbortSignal): AsyncGenerator<EventEnvelope> {
  let version = after;
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      for await (const event of connection(gateway, runId, version, signal)) {
        tries = 0;
        version = event.version;
        yield event;
        if (RUN_ENDS.has(event.type)) return;
      }
    } catch (error) {
      if (signal.aborted) return;
      // Refused, not broken: asking again would not help.
      if (error instanceof CliError && error.exit !== EXIT.unavailable) throw error;
      if (tries === TRIES - 1) throw error;
    }
    if (signal.aborted) return;
    await pause(PAUSE_MS, undefined, { signal }).catch(() => undefined);
  }
  throw unavailable(`The event stream of run ${runId} breaks again and again. The run goes on: look with "ap run show ${runId}".`);
}

async function* connection(gateway: GatewayClient, runId: string, after: number, signal: AbortSignal): AsyncGenerator<EventEnvelope> {
  const body = await gateway.stream(`/runtime/runs/${encodeURIComponent(runId)}/events`, after > 0 ? { 'last-event-id': String(after) } : {}, signal);
  for await (const message of body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())) {
    yield EventEnvelope.parse(JSON.parse(message.data));
  }
}
