/** Versions of streams that this process has folded and acted on lately; a hint only, the oldest are forgotten. */
export class AbsorbedVersions {
  readonly #versions = new Map<string, number>();
  static readonly #LIMIT = 20_000;

  remember(stream: string, version: number): void {
    this.#versions.delete(stream);
    this.#versions.set(stream, version);
    const oldest = this.#versions.keys().next().value;
    if (this.#versions.size > AbsorbedVersions.#LIMIT && oldest !== undefined) this.#versions.delete(oldest);
  }

  /** 0 for a stream that is not remembered. */
  version(stream: string): number {
    return this.#versions.get(stream) ?? 0;
  }
}
