import { parse } from 'yaml';

/** What the rules look at of a service; the format has more. */
export interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  /** `name:/target`. */
  readonly volumes?: readonly string[];
  readonly healthcheck?: {
    readonly test?: readonly string[];
    readonly start_period?: string;
    readonly start_interval?: string;
  };
  readonly depends_on?: Readonly<Record<string, { readonly condition?: string }>>;
  readonly restart?: string;
  readonly init?: boolean;
  readonly stop_grace_period?: string;
}

/** A compose file, as it is written: variables are not replaced yet. */
export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** Reads a compose file; a part that is not there is empty. */
export function readCompose(text: string): ComposeFile {
  const { services, volumes } = parse(text) as Partial<ComposeFile>;
  return { services: services ?? {}, volumes: volumes ?? {} };
}

const VARIABLE = /\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g;

/** Names of the variables that a text asks of whoever starts it. */
export const variablesIn = (text: string): readonly string[] =>
  [...text.matchAll(VARIABLE)].map((match) => match[1] ?? '');

/**
 * Replaces `${NAME}`, `${NAME:-otherwise}` and `${NAME:?message}`; an empty value counts as not set.
 * @throws Error with the message of the last form where the variable is not set
 */
export function interpolate(text: string, given: Readonly<Record<string, string>>): string {
  return text.replace(VARIABLE, (_, name: string, operator?: string, rest?: string) => {
    const value = given[name] ?? '';
    if (value !== '') return value;
    if (operator === '?') throw new Error(`${name}: ${rest}`);
    return operator === '-' ? (rest ?? '') : '';
  });
}

/** A service's variables, as the container has them. */
export const environmentOf = (
  service: Service | undefined,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(service?.environment ?? {}).map(([name, value]) => [
      name,
      interpolate(String(value), given),
    ]),
  );

/** Where a service's named volumes are mounted: name and path in the container. */
export const mountsOf = (
  service: Service | undefined,
): readonly { readonly volume: string; readonly target: string }[] =>
  (service?.volumes ?? []).map((mount) => {
    const [volume = '', target = ''] = mount.split(':');
    return { volume, target };
  });

/** A service's published ports: `127.0.0.1:9092:19092` in its three parts. */
export const portsOf = (
  service: Service | undefined,
): readonly { readonly address: string; readonly published: string; readonly target: string }[] =>
  (service?.ports ?? []).map((port) => {
    const [target = '', published = '', address = ''] = String(port).split(':').toReversed();
    return { address, published, target };
  });

/** Seconds of `30s`, `1m30s` or `2m`; undefined for what is no such text. */
export function secondsOf(duration: string | undefined): number | undefined {
  const [whole, minutes, seconds] = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(duration ?? '') ?? [];
  return whole ? Number(minutes ?? 0) * 60 + Number(seconds ?? 0) : undefined;
}
