/** Something that happens once, and can be waited for before and after. */
export class Latch {
  private release!: () => void;

  /** Resolves when it has happened. */
  readonly opened: Promise<void>;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  /** It has happened. Repeating it has no effect. */
  open(): void {
    this.release();
  }
}
