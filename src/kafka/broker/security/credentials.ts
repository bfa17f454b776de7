import { hkdfSync, randomBytes } from 'node:crypto';
import { Account, type ScramCredential, type Secrets } from './account.js';
import type { ScramMechanism } from './mechanism.js';
import { MIN_ITERATIONS } from './scram-verifier.js';

const SALT_BYTES = 16;
/** Salts come from it, so that a name has the same one each time, whether it is a user's or not. */
const SALT_SECRET = randomBytes(32);

/** Everybody who may log in. A name that nobody has looks like a user's until the last step. */
export class Credentials {
  private readonly accounts: ReadonlyMap<string, Account>;
  private readonly models: readonly Account[];

  constructor(users: ReadonlyMap<string, Secrets>) {
    this.accounts = new Map([...users].map(([name, secrets]) => [name, new Account(secrets)]));
    this.models = [...this.accounts.values()];
  }

  /** Whether there is such a user with this password. */
  async admits(name: string, password: string): Promise<boolean> {
    const account = this.accounts.get(name);
    // For nobody's name it takes as long as for somebody's.
    const matches = await (account ?? this.modelFor(name))?.hasPassword(password);
    return account !== undefined && matches === true;
  }

  /** What to do SCRAM with under this name, which need not be a user's. */
  scram(mechanism: ScramMechanism, name: string): ScramCredential {
    const salt = saltOf(mechanism, name, SALT_BYTES);
    return this.accounts.get(name)?.scram(mechanism, salt) ?? this.nobody(mechanism, name, salt);
  }

  private nobody(mechanism: ScramMechanism, name: string, likeAny: Buffer): ScramCredential {
    const model = this.modelFor(name)?.scram(mechanism, likeAny);
    return {
      salt: saltOf(mechanism, name, model?.salt.length ?? SALT_BYTES),
      iterations: model?.iterations ?? MIN_ITERATIONS,
      keys: () => Promise.resolve(undefined),
    };
  }

  /** A user to whom somebody of this name is made alike: always the same one. */
  private modelFor(name: string): Account | undefined {
    return this.models[saltOf('model', name, 4).readUInt32BE() % this.models.length];
  }
}

function saltOf(purpose: string, name: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', SALT_SECRET, name, purpose, bytes));
}
