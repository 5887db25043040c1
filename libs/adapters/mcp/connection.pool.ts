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
  readonly #rules: PoolRules;

  constructor(rules: PoolRules) {
    this.#rules = rules;
  }

  /** Does the work on a connection. Without a key it is the work's own. */
  async use<T>(key: string | null, open: () => Promise<C>, work: (connection: C) => Promise<T>, harmless: Harmless): Promise<T> {
    const known = key === null ? undefined : this.#kept.get(key);
    if (known?.connection.alive) {
      try {
        return await this.#with(known, work, harmless);
      } catch (error) {
        if (!this.#rules.unheard(error)) throw error;
      }
    }
    const fresh: Kept<C> = { key, connection: await open(), users: 0, spoiled: key === null, idle: undefined };
    if (key !== null && !this.#kept.get(key)?.connection.alive) this.#kept.set(key, fresh);
    return this.#with(fresh, work, harmless);
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
    const idle = [...this.#kept.values()].filter(({ users }) => users === 0);
    if (this.#kept.size > this.#rules.most && idle[0]) void this.#drop(idle[0]);
  }

  async #drop(kept: Kept<C>): Promise<void> {
    clearTimeout(kept.idle);
    this.#spoil(kept);
    // What can't be closed has gone.
    await kept.connection.close().catch(() => undefined);
  }
}
