/** `*`, `?` and `**` as Docker reads them, for a whole path with forward slashes. */
function patternOf(glob: string): RegExp {
  const source = glob
    .replace(/^\/|\/$/g, '')
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) => {
      if (part === '**/') return '(?:.*/)?';
      if (part === '**') return '.*';
      if (part === '*') return '[^/]*';
      if (part === '?') return '[^/]';
      return part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    })
    .join('');
  return new RegExp(`^${source}$`);
}

/** The path and the folders above it, longest first. */
function withParents(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
}

/**
 * Whether a .dockerignore keeps a path from the build: the last pattern that matches it, or a
 * folder above it, decides; `!` lets in again.
 */
export function isIgnored(dockerignore: string, path: string): boolean {
  const candidates = withParents(path);
  return dockerignore
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .reduce((ignored, line) => {
      const lets = line.startsWith('!');
      const pattern = patternOf(lets ? line.slice(1) : line);
      return candidates.some((candidate) => pattern.test(candidate)) ? !lets : ignored;
    }, false);
}
