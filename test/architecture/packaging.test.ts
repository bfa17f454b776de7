import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { interpolate } from './support/packaging/compose-file.js';
import { isIgnored } from './support/packaging/docker-ignore.js';
import { parseDockerfile } from './support/packaging/dockerfile.js';
import { packagingFaults, type Packaging } from './support/packaging/packaging-faults.js';
import { readProjectFacts } from './support/packaging/project-facts.js';
import { violations } from './support/packaging/violations.js';

const root = resolve(import.meta.dirname, '../..');
const project = readProjectFacts(root);

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const packaging: Packaging = {
  Dockerfile: read('Dockerfile'),
  '.dockerignore': read('.dockerignore'),
  'docker-compose.yml': read('docker-compose.yml'),
  'docs/deployment.md': read('docs/deployment.md'),
};

/** The packaging with one text of one file replaced, wherever it stands. */
function changed(path: keyof Packaging, from: string, to: string): Packaging {
  const text = packaging[path];
  if (!text.includes(from)) throw new Error(`${path} does not have: ${from}`);
  return { ...packaging, [path]: text.replaceAll(from, to) };
}

describe('the packaging', () => {
  it('is held against facts that were found', () => {
    expect(project.files).toContain('src/main.ts');
    expect([...project.variables]).toEqual(
      expect.arrayContaining(['DATABASE_URL', 'KAFKA_BROKERS', 'MILLRACE_HTTP_HOST']),
    );
    expect([...project.probes].sort()).toEqual(['/livez', '/readyz']);
    expect(project.drainLimitSeconds).toBeGreaterThan(0);
    expect(project.startFlags).toHaveLength(1);
    expect(project.buildConfiguration).toContain('tsconfig.json');
    expect(project.imports.size).toBeGreaterThan(10);
  });

  it('fits the project, and its parts fit each other', () => {
    expect(packagingFaults(packaging, project)).toEqual([]);
  });

  it.each(violations)('is turned red: in %s, %s', (path, fault, from, to) => {
    expect(packagingFaults(changed(path, from, to), project).join('\n')).toContain(fault);
  });

  it('is turned red by a source that is gone', () => {
    const files = project.files.filter((path) => path !== '.swcrc');
    expect(packagingFaults(packaging, { ...project, files })).toContain(
      'COPY .swcrc: there is no such file or folder',
    );
  });

  it('is turned red by a script that is gone', () => {
    expect(packagingFaults(packaging, { ...project, scripts: [] })).toContain(
      'npm run build: package.json has no such script',
    );
  });

  it('is turned red when draining may take longer than before', () => {
    const slower = { ...project, drainLimitSeconds: 30 };
    expect(packagingFaults(packaging, slower).join('\n')).toContain('of draining are over');
  });

  it('does not start without a password for Postgres', () => {
    const text = packaging['docker-compose.yml'];
    expect(() => interpolate(text, {})).toThrow('set POSTGRES_PASSWORD');
    expect(() => interpolate(text, { POSTGRES_PASSWORD: '' })).toThrow('set POSTGRES_PASSWORD');
  });
});

describe('the reader of Dockerfiles', () => {
  it('joins lines, leaves comments out and tells flags from text', () => {
    const text = 'FROM a AS b\nRUN x \\\n  # why\n  && y\ncopy --from=b --chown=1:1 c d\nFROM b\n';
    expect(parseDockerfile(text)).toEqual([
      {
        name: 'b',
        base: 'a',
        instructions: [
          { keyword: 'RUN', flags: {}, text: 'x && y' },
          { keyword: 'COPY', flags: { from: 'b', chown: '1:1' }, text: 'c d' },
        ],
      },
      { name: undefined, base: 'b', instructions: [] },
    ]);
  });

  it.each([
    ['FROM a\nRUNN x', 'not a Dockerfile'],
    ['RUN x\nFROM a', 'before any FROM'],
  ])('refuses what is none: %j', (text, reason) => {
    expect(() => parseDockerfile(text)).toThrow(reason);
  });
});

describe('the reader of .dockerignore', () => {
  it.each([
    ['*\n!src', 'src/a/b.ts', false],
    ['*\n!src', 'test/a.ts', true],
    ['*\n!src\nsrc/**/*.spec.ts', 'src/a.spec.ts', true],
    ['*\n!src\nsrc/**/*.spec.ts', 'src/a/b.spec.ts', true],
    ['src/**/testing', 'src/a/testing/b.ts', true],
    ['# src\n/dist/', 'dist/main.js', true],
    ['a?c.txt', 'abc.txt', true],
    ['*.txt', 'a/b.txt', false],
    ['**/b.txt', 'a/b.txt', true],
    ['!a\na', 'a', true],
  ])('judges as Docker does: %j, %s', (patterns, path, ignored) => {
    expect(isIgnored(patterns, path)).toBe(ignored);
  });
});
