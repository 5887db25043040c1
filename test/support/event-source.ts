import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** Reads server-sent events until the stream ends, `count` have come, or the signal is aborted. */
export async function readEvents(
  url: string,
  headers: Record<string, string>,
  { count = Number.POSITIVE_INFINITY, signal }: { count?: number; signal?: AbortSignal } = {},
): Promise<EventSourceMessage[]> {
  const answer = await fetch(url, { headers, ...(signal && { signal }) });
  if (!answer.ok || !answer.body) throw new Error(`${answer.status}: ${await answer.text()}`);
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => void events.push(event) });
  const decoder = new TextDecoder();
  // Leaving the loop cancels the body, and so closes the connection.
  for await (const chunk of answer.body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    if (events.length >= count) break;
  }
  return events.slice(0, count);
}
