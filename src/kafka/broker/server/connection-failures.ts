/** Between two lines: peers that are turned away may be many, and come on purpose. */
const QUIET_MS = 1_000;

/** Tells why connections were closed by the broker: one line a second at most, the rest counted. */
export class ConnectionFailures {
  private toldAt = Number.NEGATIVE_INFINITY;
  private untold = 0;

  /**
   * @param write takes a line without its end
   * @param now milliseconds of a clock that only goes forward
   */
  constructor(
    private readonly write: (line: string) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @param clientHost as group descriptions show it: `/127.0.0.1` */
  report(error: unknown, clientHost: string): void {
    if (this.now() - this.toldAt < QUIET_MS) {
      this.untold += 1;
      return;
    }
    const others = this.untold === 0 ? '' : ` (and ${this.untold} more before)`;
    this.toldAt = this.now();
    this.untold = 0;
    this.write(`Closed the connection of ${clientHost}: ${onOneLine(error)}${others}`);
  }
}

function onOneLine(error: unknown): string {
  return String(error).replaceAll(/\s+/g, ' ');
}
