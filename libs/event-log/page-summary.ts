import type { Marks, SequencedEvent } from './event-log.ts';

/** Positions of a page: page n holds n * 1024 + 1 to (n + 1) * 1024. */
export const PAGE = 1024;
export const pageOf = (position: number): number => Math.floor((position - 1) / PAGE);

const FIELDS = ['type', 'category', 'stream_id', 'correlation_id', 'actor'] as const;

const BITS = 12_288;
const HASHES = 4;
const SEED = 0x811c9dc5;

/** FNV-1a over UTF-16 units. */
function hash(text: string, seed: number): number {
  let h = seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** A mark's bit in the filter, `n` from 0 to HASHES - 1, by double hashing (Kirsch and Mitzenmacher, 2006). */
const bit = (mark: number, n: number): number => (mark + n * ((Math.imul(mark, 0x85ebca6b) >>> 7) | 1)) % BITS;

/** Bits that are set in the summary of every page with an event that has all of these marks. */
export function bitsOf(marks: Marks): number[] {
  const workspace = hash(marks.workspace_id, SEED);
  const given = FIELDS.flatMap((field, n) => (marks[field] === undefined ? [] : [hash(marks[field], workspace + n + 1)]));
  return [workspace, ...given].flatMap((mark) => Array.from({ length: HASHES }, (_, n) => bit(mark, n)));
}

/**
 * The marks of a page's events as a Bloom filter: it says of a few pages too many that they may have an event, never of
 * one too few. A page of 1,024 events with 200 streams and as many causes is taken for one with some other mark in 1 of
 * 4,000 cases; one where every event has a stream, cause and actor of its own, in 1 of 6.
 */
export class PageSummary {
  readonly filter: Uint8Array = new Uint8Array(BITS / 8);
  fromTime = '';
  toTime = '';
  #last: SequencedEvent | null = null;
  #workspace = 0;

  add(event: SequencedEvent): void {
    const last = this.#last;
    const { stream, cause, time } = event;
    this.#last = event;
    if (stream.workspace_id !== last?.stream.workspace_id) this.#set((this.#workspace = hash(stream.workspace_id, SEED)));
    this.#mark(0, event.type);
    // Events of one append share these objects.
    if (stream === last?.stream && cause === last.cause) return;
    this.#mark(1, stream.category);
    this.#mark(2, stream.stream_id);
    this.#mark(3, cause.correlation_id);
    this.#mark(4, cause.actor);
    if (last === null || time < this.fromTime) this.fromTime = time;
    if (time > this.toTime) this.toTime = time;
  }

  /** `field`: its place in FIELDS. */
  #mark(field: number, value: string): void {
    this.#set(hash(value, this.#workspace + field + 1));
  }

  #set(mark: number): void {
    for (let n = 0; n < HASHES; n++) {
      const at = bit(mark, n);
      this.filter[at >> 3] = (this.filter[at >> 3] ?? 0) | (1 << (at & 7));
    }
  }
}

/** Whether the page may hold an event with marks that have these bits. */
export const mayHold = ({ filter }: Pick<PageSummary, 'filter'>, bits: readonly number[]): boolean =>
  bits.every((at) => ((filter[at >> 3] ?? 0) & (1 << (at & 7))) !== 0);
