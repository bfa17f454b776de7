import { SettingInvalid } from './start-refused.js';

/** The environment, as `process.env` gives it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Typed reading of environment variables. An empty value counts as not set. Messages name the
 * variable and show the wrong value, except where it may be a secret.
 */
export class Variables {
  constructor(private readonly env: Environment) {}

  /** The value without surrounding blanks; undefined when it is not set or empty. */
  optional(name: string): string | undefined {
    const value = this.env[name]?.trim();
    return value === '' ? undefined : value;
  }

  /** The value, or `fallback` when it is not set. */
  text(name: string, fallback: string): string {
    return this.optional(name) ?? fallback;
  }

  /** A TCP port, 0 to 65535; 0 means any free one. */
  port(name: string, fallback: number): number {
    const value = this.optional(name);
    if (value === undefined) return fallback;
    const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
    if (port <= 65_535) return port;
    throw new SettingInvalid(name, `must be a port from 0 to 65535, not "${value}"`);
  }

  /** `true` or `false` (also 1 and 0). */
  flag(name: string): boolean {
    const value = this.optional(name)?.toLowerCase();
    if (value === undefined || value === 'false' || value === '0') return false;
    if (value === 'true' || value === '1') return true;
    throw new SettingInvalid(name, `must be true or false, not "${value}"`);
  }

  /** One of `allowed`, whatever its case. */
  oneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.optional(name)?.toLowerCase();
    if (value === undefined) return undefined;
    const found = allowed.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    throw new SettingInvalid(name, `must be one of ${allowed.join(', ')}, not "${value}"`);
  }

  /** Comma-separated values without blanks and empty items; undefined when it is not set. */
  list(name: string): readonly string[] | undefined {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    const items = value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
    if (items.length > 0) return items;
    throw new SettingInvalid(name, `must be a list separated by commas, not "${value}"`);
  }
}
