/** Those who wait until Kafka has acknowledged certain outbox rows. */
export class Acknowledgements {
  private readonly waiting = new Map<string, () => void>();

  /** Resolves when all rows are acknowledged, or after `timeoutMs`. Never rejects. */
  async waitFor(ids: readonly string[], timeoutMs: number): Promise<void> {
    if (ids.length === 0) return;
    const all = Promise.all(
      ids.map((id) => new Promise<void>((resolve) => this.waiting.set(id, resolve))),
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([all, late]);
    clearTimeout(timer);
    for (const id of ids) this.waiting.delete(id);
  }

  /** Ids that somebody waits for now. */
  get awaited(): readonly string[] {
    return [...this.waiting.keys()];
  }

  /** Kafka has these rows. */
  settle(ids: Iterable<string>): void {
    for (const id of ids) {
      this.waiting.get(id)?.();
      this.waiting.delete(id);
    }
  }
}
