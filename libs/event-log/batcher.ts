/**
 * Collects what is asked for while a batch is under way and sends it as the next batch. Nothing ever waits for
 * company: with a free slot an item leaves at the end of the current tick.
 *
 * Two items that share a key are never under way together; the later one waits for the earlier one's batch.
 */
export interface BatcherOptions<T> {
  readonly maxInFlight: number;
  readonly maxItems: number;
  /** Batches end when the weights of their items reach this. */
  readonly maxWeight?: number;
  readonly maxQueued: number;
  keysOf(item: T): readonly string[];
  weightOf?(item: T): number;
  /** Settles the items itself and never rejects. */
  send(items: readonly T[]): Promise<void>;
}

export interface Batcher<T> {
  /** False when the queue is full: the item was not taken. */
  add(item: T): boolean;
  /** Resolves when nothing is queued or under way. */
  idle(): Promise<void>;
}

export function createBatcher<T>(options: BatcherOptions<T>): Batcher<T> {
  const { maxInFlight, maxItems, maxWeight = Infinity, maxQueued, keysOf, weightOf = () => 1, send } = options;
  let arrived: T[] = [];
  let next = 0;
  /** Items whose key has become free: they go before those that arrived later. */
  const woken: T[] = [];
  const parked = new Map<string, T[]>();
  const busy = new Set<string>();
  let queued = 0;
  let inFlight = 0;
  let scheduled = false;
  let onIdle: (() => void)[] = [];

  const wake = (key: string) => {
    if (busy.has(key)) return;
    const waiting = parked.get(key);
    const item = waiting?.shift();
    if (item !== undefined) woken.push(item);
    if (waiting?.length === 0) parked.delete(key);
  };

  const park = (item: T, keys: readonly string[], blocked: string) => {
    const waiting = parked.get(blocked);
    if (waiting) waiting.push(item);
    else parked.set(blocked, [item]);
    for (const key of keys) if (key !== blocked) wake(key);
  };

  const take = (): T[] => {
    const batch: T[] = [];
    let weight = 0;
    while (batch.length < maxItems && weight < maxWeight) {
      const item = woken.shift() ?? arrived[next++];
      if (item === undefined) break;
      const keys = keysOf(item);
      const blocked = keys.find((key) => busy.has(key));
      if (blocked !== undefined) {
        park(item, keys, blocked);
        continue;
      }
      for (const key of keys) busy.add(key);
      weight += weightOf(item);
      batch.push(item);
    }
    if (next >= arrived.length) {
      arrived = [];
      next = 0;
    }
    queued -= batch.length;
    return batch;
  };

  const run = async (batch: readonly T[]) => {
    await send(batch);
    inFlight--;
    for (const item of batch) for (const key of keysOf(item)) busy.delete(key);
    for (const item of batch) for (const key of keysOf(item)) wake(key);
    pump();
  };

  const pump = () => {
    scheduled = false;
    while (inFlight < maxInFlight && (woken.length > 0 || next < arrived.length)) {
      const batch = take();
      if (batch.length === 0) break;
      inFlight++;
      void run(batch);
    }
    if (inFlight === 0 && queued === 0) {
      for (const resolve of onIdle) resolve();
      onIdle = [];
    }
  };

  const schedule = () => {
    if (scheduled || inFlight >= maxInFlight) return;
    scheduled = true;
    queueMicrotask(pump);
  };

  return {
    add(item) {
      if (queued >= maxQueued) return false;
      queued++;
      arrived.push(item);
      schedule();
      return true;
    },
    idle: () => (inFlight === 0 && queued === 0 ? Promise.resolve() : new Promise<void>((resolve) => onIdle.push(resolve))),
  };
}
