import type { Colors } from './colors.ts';
import { EventEnvelope } from '@agent-platform/contracts/kit/index';
import { cell, shorten } from './cell.text.ts';

/** An event on one line: when, where, what. */
export function eventText(event: EventEnvelope, colors: Colors): string {
  const position = event.position === undefined ? '' : String(event.position);
  const stream = `${event.category}/${event.stream_id}@${event.version}`;
  return `${colors.dim(cell(event.time))} ${colors.dim(position.padStart(7))}  ${colors.cyan(event.type.padEnd(24))} ${stream}  ${colors.dim(shorten(JSON.stringify(event.data), 80))}`;
}

/** An event as it came over NATS; null for what is none. */
export function readEvent(text: string): EventEnvelope | null {
  try {
    return EventEnvelope.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
