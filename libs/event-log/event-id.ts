import { randomUUID } from 'node:crypto';

const HEX = Array.from({ length: 4096 }, (_, index) => index.toString(16).padStart(3, '0'));

/**
 * Id of one append: a UUID v7 (RFC 9562) whose last 12 bits are zero, so that the ids of its events follow from it.
 * 62 bits of it are random; they come from Node's pooled `randomUUID`.
 */
export function newAppendId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  const random = randomUUID();
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15, 18)}-${random.slice(19, 23)}-${random.slice(24, 33)}000`;
}

/** Id of event `index` (from 0) of an append. */
export const eventIdOf = (appendId: string, index: number): string => appendId.slice(0, 33) + HEX[index];

/** Ids of all events of an append. */
export const eventIdsOf = (appendId: string, count: number): string[] => {
  const ids: string[] = [];
  for (let index = 0; index < count; index++) ids.push(eventIdOf(appendId, index));
  return ids;
};

/** The append an event belongs to, and its place there; null when the text is no UUID. */
export const splitEventId = (eventId: string): { appendId: string; index: number } | null =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(eventId)
    ? { appendId: eventId.slice(0, 33).toLowerCase() + '000', index: parseInt(eventId.slice(33), 16) }
    : null;
