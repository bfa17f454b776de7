import { readFileSync, statSync } from 'node:fs';

/** What a small file says, read again when it has changed. One that cannot be read counts as empty. */
export class ParsedFile<T> {
  private version = '';
  private parsed: T;

  constructor(
    private readonly path: string,
    private readonly parse: (text: string) => T,
  ) {
    this.parsed = parse('');
  }

  get content(): T {
    const version = this.currentVersion();
    if (version !== this.version) {
      this.parsed = this.parse(this.read());
      this.version = version;
    }
    return this.parsed;
  }

  private currentVersion(): string {
    const file = statSync(this.path, { throwIfNoEntry: false });
    return file === undefined ? '' : `${file.ino}/${file.size}/${file.mtimeMs}`;
  }

  private read(): string {
    try {
      return readFileSync(this.path, 'utf8');
    } catch {
      return '';
    }
  }
}
