import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type LockedPackages = Readonly<Record<string, LockedPackage>>;

const lockfile = resolve(import.meta.dirname, '../../package-lock.json');

/** Places where npm looks for a dependency of the package at `path`, nearest first. */
function placesOf(path: string, dependency: string): readonly string[] {
  const parts = path.split('/node_modules/');
  return parts
    .map((_, index) => parts.slice(0, parts.length - index).join('/node_modules/'))
    .map((parent) => join(parent, 'node_modules', dependency))
    .concat(join('node_modules', dependency));
}

/** Optional dependencies, such as another platform's binary, that the lockfile does not hold. */
const missingFrom = (packages: LockedPackages): readonly string[] =>
  Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !placesOf(path, name).some((place) => place in packages))
      .map((name) => `${path}: ${name}`),
  );

describe('the lockfile', () => {
  it('holds the packages of every platform, without which npm ci refuses it', () => {
    const { packages } = JSON.parse(readFileSync(lockfile, 'utf8')) as { packages: LockedPackages };
    expect(Object.keys(packages).length).toBeGreaterThan(100);
    expect(missingFrom(packages)).toEqual([]);
  });

  it('is found out when a platform is missing', () => {
    const packages = { 'node_modules/a': { optionalDependencies: { 'a-win32': '1.0.0' } } };
    expect(missingFrom(packages)).toEqual(['node_modules/a: a-win32']);
  });
});
