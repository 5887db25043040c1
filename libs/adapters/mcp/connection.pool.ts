/** What is kept between questions. */
export interface Poolable {
  /** Whether it can still be asked. */
  readonly alive: boolean;
  close(): Promise<void>;
}

interface Kept<C extends Poolable> {
  readonly key: string | null;
  readonly connection: C;
  users: number;
  spoiled: boolean;
  idle: NodeJS.Timeout | undefined;
}

export interface PoolRules {
  /** Unused for so long, a connection is closed. */
  readonly idleMs: number;
  /** So many are kept at most; the one that has been unused longest makes room. */
  readonly most: number;
  /** Whether what was thrown says that the question never reached anybody, so that it may be asked on a new connection. */
  readonly unheard: (error: unknown) => boolean;
}

/** Whether the connection is still good after what was thrown. */
type Harmless = (error: unknown) => boolean;

/**
 * Connections by who asks whom with what: questions with an equal key share one. One that failed answers those who are
 * under way on it, and no others.
 */
export class ConnectionPool<C extends Poolable> {
  readonly #kept = new Map<string, Kept<C>>();
  readonly #opening = new Map<string, Promise<Kept<C>>>();
  readonly #rules: PoolRules;

  constructor(rules: PoolRules) {
    this.#rules = rules;
  }

  /** Does the work on a connection. Without a key it is the work's own. `given` ends the wait for one; it is opened all the same, for others. */
  async use<T>(key: string | null, open: () => Promise<C>, work: (connection: C) => Promise<T>, harmless: Harmless, given: AbortSignal): Promise<T> {
    const known = key === null ? undefined : this.#kept.get(key);
    if (known?.connection.alive) {
      try {
        return await this.#with(known, work, harmless);
      } catch (error) {
        if (!this.#rules.unheard(error)) throw error;
      }
    }
    return this.#with(await until(key === null ? this.#open(null, open) : this.#shared(key, open), given), work, harmless);
  }

  /** All who want a connection while it is being opened get the same one. */
  #shared(key: string, open: () => Promise<C>): Promise<Kept<C>> {
    const opening = this.#opening.get(key) ?? this.#open(key, open).finally(() => this.#opening.delete(key));
    this.#opening.set(key, opening);
    return opening;
  }

  async #open(key: string | null, open: () => Promise<C>): Promise<Kept<C>> {
    const kept: Kept<C> = { key, connection: await open(), users: 0, spoiled: key === null, idle: undefined };
    if (key === null) return kept;
    this.#kept.set(key, kept);
    // Those who wanted it may have gone.
    this.#rest(kept);
    return kept;
  }

  /** Ends the one that has been idle longest, of those that fit. False: all of them are in use. */
  endIdle(fits: (connection: C) => boolean): boolean {
    const idle = [...this.#kept.values()].find(({ users, connection }) => users === 0 && fits(connection));
    if (idle) void this.#drop(idle);
    return idle !== undefined;
  }

  /** Closes what nobody uses at present, and whatever is used as soon as it is not. */
  async close(): Promise<void> {
    const kept = [...this.#kept.values()];
    for (const each of kept) each.spoiled = true;
    await Promise.all(kept.filter(({ users }) => users === 0).map((each) => this.#drop(each)));
  }

  async #with<T>(kept: Kept<C>, work: (connection: C) => Promise<T>, harmless: Harmless): Promise<T> {
    kept.users++;
    clearTimeout(kept.idle);
    try {
      return await work(kept.connection);
    } catch (error) {
      if (!harmless(error)) this.#spoil(kept);
      throw error;
    } finally {
      kept.users--;
      if (kept.users === 0) this.#rest(kept);
    }
  }

  /** It is asked nothing new. */
  #spoil(kept: Kept<C>): void {
    kept.spoiled = true;
    if (this.#isKept(kept)) this.#kept.delete(kept.key);
  }

  #isKept(kept: Kept<C>): kept is Kept<C> & { readonly key: string } {
    return kept.key !== null && this.#kept.get(kept.key) === kept;
  }

  #rest(kept: Kept<C>): void {
    // Nobody waits for the end of a connection.
    if (kept.spoiled || !kept.connection.alive || !this.#isKept(kept)) return void this.#drop(kept);
    kept.idle = setTimeout(() => void this.#drop(kept), this.#rules.idleMs).unref();
    // Again at the end: the first ones have been unused longest.
    this.#kept.delete(kept.key);
    this.#kept.set(kept.key, kept);
    if (this.#kept.size > this.#rules.most) this.endIdle(() => true);
  }

  async #drop(kept: Kept<C>): Promise<void> {
    clearTimeout(kept.idle);
    this.#spoil(kept);
    // What can't be closed has gone.
    await kept.connection.close().catch(() => undefined);
  }
}

/** What comes first: the promise, or the end of the wait for it, which then is what is thrown. */
async function until<T>(promise: Promise<T>, given: AbortSignal): Promise<T> {
  const { promise: gone, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(given.reason as Error);
  given.addEventListener('abort', giveUp, { once: true });
  try {
    given.throwIfAborted();
    return await Promise.race([promise, gone]);
  } finally {
    given.removeEventListener('abort', giveUp);
    // Whoever else waits for it is told.
    promise.catch(() => undefined);
  }
}
