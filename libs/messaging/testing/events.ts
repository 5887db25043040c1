import { randomUUID } from 'node:crypto';
import type { EventEnvelope } from '@agent-platform/contracts/kit/envelope';
import type { SequencedEvent } from '@agent-platform/event-log/event-log';

/** Events as the log hands them to the relay, positions `from` to `to`, spread over `streams` runs. About 450 bytes each. */
export function sequencedEvents(from: number, to: number, options: { streams?: number; type?: string; actor?: string } = {}): SequencedEvent[] {
  const streams = options.streams ?? 10;
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => {
    const position = from + i;
    const stream = { workspace_id: 'acme', category: 'run', stream_id: `run-${position % streams}` };
    const cause = { actor: options.actor ?? 'user:ada', correlation_id: `request-${position}` };
    const event = { id: randomUUID(), type: options.type ?? 'node.completed', schema_version: 1, version: Math.ceil(position / streams) };
    const time = '2026-01-01T00:00:00.000Z';
    const envelope: EventEnvelope = { ...event, ...stream, ...cause, position, time, data: { text: 'x'.repeat(120) } };
    return { ...event, position, stream, cause, time, json: JSON.stringify(envelope) };
  });
}
