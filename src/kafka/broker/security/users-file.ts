import { readFile } from 'node:fs/promises';
import type { Credentials } from './credentials.js';
import { parseUsersFile } from './parse-users.js';
import { MalformedCredentials, UnusableUsersFile } from './security.errors.js';

/** The users as they are now. */
export interface Users {
  /** @throws UnusableUsersFile where nobody can tell who they are */
  current(): Promise<Credentials>;
}

/**
 * Users in a file that is looked at whenever somebody logs in: they come and go without a restart.
 * While it is wrong or not there, those who were in it before stay. Where the system could not read
 * it (too many open files), nobody gets in: somebody may have been taken out of it.
 */
export class UsersFile implements Users {
  private lastFailure: string | undefined;
  private running: Promise<Credentials> | undefined;
  private next: Promise<Credentials> | undefined;

  private constructor(
    private readonly file: string,
    private readonly saltSecret: Buffer,
    private bytes: Buffer,
    private credentials: Credentials,
    private readonly onFailure: (error: UnusableUsersFile) => void,
    private readonly read: (file: string) => Promise<Buffer>,
  ) {}

  /**
   * @param saltSecret see Credentials
   * @throws UnusableUsersFile; later failures are told to `onFailure`, each once.
   */
  static async open(
    file: string,
    saltSecret: Buffer,
    onFailure: (error: UnusableUsersFile) => void,
    read: (file: string) => Promise<Buffer> = readFile,
  ): Promise<UsersFile> {
    try {
      const bytes = await read(file);
      return new UsersFile(
        file,
        saltSecret,
        bytes,
        parseUsersFile(bytes, saltSecret),
        onFailure,
        read,
      );
    } catch (error) {
      throw new UnusableUsersFile(file, error);
    }
  }

  /**
   * Reads the file once at a time: a thousand logins would hold it a thousand times. Who comes
   * while it is read shares the next read, as this one may have begun before the last change.
   */
  current(): Promise<Credentials> {
    if (!this.running) return this.begin();
    this.next ??= this.running.then(
      () => this.begin(),
      () => this.begin(),
    );
    return this.next;
  }

  private begin(): Promise<Credentials> {
    this.next = undefined;
    const running = this.load().finally(() => {
      if (this.next === undefined) this.running = undefined;
    });
    this.running = running;
    return running;
  }

  private async load(): Promise<Credentials> {
    try {
      // Read in full: neither its time nor its size tells for sure that a file is the same.
      const bytes = await this.read(this.file);
      if (!bytes.equals(this.bytes)) {
        this.credentials = parseUsersFile(bytes, this.saltSecret);
        this.bytes = bytes;
      }
      this.lastFailure = undefined;
    } catch (error) {
      const failure = new UnusableUsersFile(this.file, error);
      this.tellOnce(failure);
      if (!leavesFormerUsers(error)) throw failure;
    }
    return this.credentials;
  }

  private tellOnce(failure: UnusableUsersFile): void {
    if (failure.message === this.lastFailure) return;
    this.lastFailure = failure.message;
    this.onFailure(failure);
  }
}

function leavesFormerUsers(error: unknown): boolean {
  return (
    error instanceof MalformedCredentials || (error as NodeJS.ErrnoException).code === 'ENOENT'
  );
}
