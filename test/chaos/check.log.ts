import type { Evidence } from './promise.ts';
import { fingerprint, type Recorded } from './recorded.ts';

/** P3: versions are 1..n, positions are 1..head, and both readers' recordings agree with the log as it is now. */
export function denseAndFixed({ history, recordings }: Evidence): string[] {
  const wrong: string[] = [];
  for (const [stream, events] of history.streams) {
    const hole = events.findIndex((event, i) => event.version !== i + 1);
    if (hole >= 0) wrong.push(`stream ${stream}: version ${hole + 1} is missing or doubled`);
    const back = events.findIndex((event, i) => i > 0 && event.position !== null && event.position <= (events[i - 1]?.position ?? Infinity));
    if (back >= 0) wrong.push(`stream ${stream}: version ${back + 1} has a position before that of version ${back}`);
  }
  const placed = history.events.filter((event): event is Recorded => event.position !== null);
  const gap = placed.findIndex((event, i) => event.position !== i + 1);
  if (gap >= 0) wrong.push(`position ${gap + 1} is missing or doubled`);
  if (placed.length !== history.head) wrong.push(`the sequencer stands at ${history.head}, and ${placed.length} events have a position`);
  const now = new Map(placed.map((event) => [event.position, fingerprint(event)]));
  for (const { reader, seen, contradictions } of recordings) {
    wrong.push(...contradictions.map((text) => `reader ${reader}: ${text}`));
    for (const [position, mark] of seen) {
      if (now.get(position) !== mark) wrong.push(`reader ${reader}: saw another event at position ${position} than there is now`);
    }
  }
  return wrong;
}
