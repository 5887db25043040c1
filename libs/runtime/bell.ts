/** Wakes one waiter. Rung while nobody waits, it makes the next wait return at once. */
export class Bell {
  #rung = false;
  #wake: (() => void) | null = null;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  async wait(): Promise<void> {
    if (!this.#rung) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#rung = false;
    this.#wake = null;
  }

  /** Waits for a ring, at most `ms`. */
  async waitAtMost(ms: number): Promise<void> {
    const timer = setTimeout(() => this.ring(), ms);
    await this.wait();
    clearTimeout(timer);
  }
}
