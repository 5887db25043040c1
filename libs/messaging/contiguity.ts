/** What the next number means after the last one that was taken: in order, seen before, or something is missing. */
export type Contiguity = 'next' | 'repeat' | 'hole';

/** Positions of the log, or versions of one stream: both count up by one. */
export function contiguity(last: number, next: number): Contiguity {
  if (next <= last) return 'repeat';
  return next === last + 1 ? 'next' : 'hole';
}

/**
 * Versions of many streams, for a consumer that sees only some subjects of each category but every event of a stream.
 * A stream seen for the first time is taken as it comes ("next"): where it stood before is the caller's to know.
 */
export interface VersionTracker {
  /** Looks, without taking it. */
  check(stream: string, version: number): Contiguity;
  /** Remembers a version as taken; lower ones than the remembered are ignored. */
  take(stream: string, version: number): void;
}

/** @param capacity streams remembered; the one taken longest ago is forgotten first */
export function createVersionTracker(capacity = 10_000): VersionTracker {
  const versions = new Map<string, number>();
  return {
    check(stream, version) {
      const last = versions.get(stream);
      return last === undefined ? 'next' : contiguity(last, version);
    },
    take(stream, version) {
      const last = versions.get(stream) ?? 0;
      versions.delete(stream);
      versions.set(stream, Math.max(last, version));
      if (versions.size > capacity) {
        const [oldest] = versions.keys();
        if (oldest !== undefined) versions.delete(oldest);
      }
    },
  };
}
