import { readFile } from 'node:fs/promises';
import type { Credentials } from './credentials.js';
import { parseUsersFile } from './parse-users.js';
import { UnusableUsersFile } from './security.errors.js';

/** The users as they are now. */
export interface Users {
  current(): Promise<Credentials>;
}

/**
 * Users in a file that is looked at whenever somebody logs in: they come and go without a restart.
 * While it cannot be used, those who were in it before stay.
 */
export class UsersFile implements Users {
  private lastFailure: string | undefined;

  private constructor(
    private readonly file: string,
    private bytes: Buffer,
    private credentials: Credentials,
    private readonly onFailure: (error: UnusableUsersFile) => void,
  ) {}

  /** @throws UnusableUsersFile; later failures are told to `onFailure`, each once. */
  static async open(
    file: string,
    onFailure: (error: UnusableUsersFile) => void,
  ): Promise<UsersFile> {
    try {
      const bytes = await readFile(file);
      return new UsersFile(file, bytes, parseUsersFile(bytes), onFailure);
    } catch (error) {
      throw new UnusableUsersFile(file, error);
    }
  }

  async current(): Promise<Credentials> {
    try {
      // Read in full: neither its time nor its size tells for sure that a file is the same.
      const bytes = await readFile(this.file);
      if (!bytes.equals(this.bytes)) {
        this.credentials = parseUsersFile(bytes);
        this.bytes = bytes;
      }
      this.lastFailure = undefined;
    } catch (error) {
      this.tellOnce(new UnusableUsersFile(this.file, error));
    }
    return this.credentials;
  }

  private tellOnce(failure: UnusableUsersFile): void {
    if (failure.message === this.lastFailure) return;
    this.lastFailure = failure.message;
    this.onFailure(failure);
  }
}
