import { mountsOf, type Service } from './compose-file.js';
import { faultsOf } from './rule.js';

/** From 18 on the image keeps each major version in a folder of its own below this one. */
const volumeTarget = (major: number): string =>
  major >= 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data';

/** What is wrong with the official image of Postgres, as a compose file starts it. */
export function postgresFaults(
  postgres: Service,
  variables: Readonly<Record<string, string>>,
): readonly string[] {
  const major = Number(/^postgres:(\d+)/.exec(postgres.image ?? '')?.[1]);
  const probe = postgres.healthcheck?.test ?? [];
  const target = volumeTarget(major);
  return faultsOf([
    [major >= 15, 'its major version is not one that is maintained'],
    [
      mountsOf(postgres).some((mount) => mount.target === target),
      `its volume is not mounted at ${target}`,
    ],
    [probe.includes('pg_isready'), 'its health check is not pg_isready'],
    [
      probe.includes('--host=127.0.0.1'),
      'its health check takes the server of the first initialisation for the real one',
    ],
    [
      probe.includes(`--username=${variables['POSTGRES_USER']}`) &&
        probe.includes(`--dbname=${variables['POSTGRES_DB']}`),
      'its health check asks for another user or database',
    ],
  ]);
}
