/** A map that forgets its oldest entry when there are more than `most`, if that may go. What is forgotten is made again. */
export class Remembered<V> {
  readonly #entries = new Map<string, V>();
  readonly #most: number;
  readonly #mayGo: (value: V) => boolean;

  constructor(most: number, mayGo: (value: V) => boolean = () => true) {
    this.#most = most;
    this.#mayGo = mayGo;
  }

  /** The entry, which is then the newest. */
  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#most) return;
    const [oldest] = this.#entries;
    if (oldest && this.#mayGo(oldest[1])) this.#entries.delete(oldest[0]);
  }

  values(): Iterable<V> {
    return this.#entries.values();
  }
}
