/** Bound on the rows that a subscription may hold, shared by its lanes in this process. Pure. */
export class ExceptionBudget {
  private readonly shares = new Set<ExceptionShare>();

  constructor(readonly maximum: number) {}

  /** Rows held by all lanes. */
  get held(): number {
    let held = 0;
    for (const { rows } of this.shares) held += rows;
    return held;
  }

  get exhausted(): boolean {
    return this.held >= this.maximum;
  }

  /** A lane's part; it counts until it is released. */
  share(): ExceptionShare {
    const share = new ExceptionShare(this, (ended) => this.shares.delete(ended));
    this.shares.add(share);
    return share;
  }
}

/** What one lane holds of a budget. */
export class ExceptionShare {
  rows = 0;

  constructor(
    private readonly budget: ExceptionBudget,
    private readonly end: (share: ExceptionShare) => void,
  ) {}

  /** Whether the lanes together have reached the bound. */
  get exhausted(): boolean {
    return this.budget.exhausted;
  }

  release(): void {
    this.end(this);
  }
}
