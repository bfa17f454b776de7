import { Injectable } from '@nestjs/common';

/** How a part of the process is; `detail` is one sentence for operators. */
export interface HealthState {
  readonly ok: boolean;
  readonly detail?: string;
}

/** What one check said, under its name. */
export interface CheckResult extends HealthState {
  readonly name: string;
}

/** All checks at one moment. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly CheckResult[];
}

const CHECK_TIMEOUT_MS = 2_000;
const KEEP_MS = 250;

/** Asks the parts of a process whether they are ready; each part registers its own check. */
@Injectable()
export class HealthRegistry {
  private readonly checks = new Map<string, () => Promise<HealthState>>();
  private latest: { readonly at: number; readonly result: Promise<Readiness> } | undefined;

  /**
   * Adds a check under a unique name. A check that throws or takes longer than 2 s is not ok.
   * @returns takes the check out again
   */
  register(name: string, check: () => Promise<HealthState>): () => void {
    this.checks.set(name, check);
    return () => {
      if (this.checks.get(name) === check) this.checks.delete(name);
    };
  }

  /** Runs all checks; askers within a quarter of a second share one run, so probes cost little. */
  readiness(): Promise<Readiness> {
    const now = performance.now();
    if (!this.latest || now - this.latest.at > KEEP_MS) {
      this.latest = { at: now, result: this.run() };
    }
    return this.latest.result;
  }

  private async run(): Promise<Readiness> {
    const checks = await Promise.all(
      [...this.checks].map(async ([name, check]) => ({ name, ...(await outcomeOf(check)) })),
    );
    return { ready: checks.every(({ ok }) => ok), checks };
  }
}

async function outcomeOf(check: () => Promise<HealthState>): Promise<HealthState> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<HealthState>((resolve) => {
    timer = setTimeout(
      () => resolve({ ok: false, detail: 'No answer in time.' }),
      CHECK_TIMEOUT_MS,
    );
  });
  try {
    return await Promise.race([check(), late]);
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : 'The check failed.' };
  } finally {
    clearTimeout(timer);
  }
}
