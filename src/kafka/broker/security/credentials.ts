import { hkdfSync } from 'node:crypto';
import { Account, type ScramCredential, type Secrets } from './account.js';
import type { ScramMechanism } from './mechanism.js';
import { Models } from './models.js';
import type { Peer } from './peer.js';
import { MIN_ITERATIONS, unknownKeys } from './scram-verifier.js';

const SALT_BYTES = 16;

/** Everybody who may log in. A name that nobody has looks like a user's until the last step. */
export class Credentials {
  private readonly accounts: ReadonlyMap<string, Account>;
  private readonly models: Models;

  /** @param saltSecret makes a name's salt the same each time, whether it is a user's or not */
  constructor(
    users: ReadonlyMap<string, Secrets>,
    private readonly saltSecret: Buffer,
  ) {
    this.accounts = new Map([...users].map(([name, secrets]) => [name, new Account(secrets)]));
    const placeOf = (name: string): number => this.saltOf('model', name, 4).readUInt32BE();
    this.models = new Models(users.keys(), placeOf);
  }

  /**
   * Whether there is such a user with this password.
   * @param peer who says so
   * @throws TooManyLogins; the signal's reason
   */
  async admits(name: string, password: string, peer: Peer): Promise<boolean> {
    const account = this.accounts.get(name);
    // For nobody's name it takes as long as for somebody's.
    const checked = account ?? this.accounts.get(this.models.for(name) ?? name);
    const matches = await checked?.hasPassword(password, peer);
    return account !== undefined && matches === true;
  }

  /** What to do SCRAM with under this name, which need not be a user's. */
  scram(mechanism: ScramMechanism, name: string): ScramCredential {
    return this.ofUser(mechanism, name) ?? this.ofNobody(mechanism, name);
  }

  private ofUser(mechanism: ScramMechanism, name: string): ScramCredential | undefined {
    return this.accounts.get(name)?.scram(mechanism, this.saltOf(mechanism, name, SALT_BYTES));
  }

  private ofNobody(mechanism: ScramMechanism, name: string): ScramCredential {
    const modelName = this.models.for(name);
    const model = modelName === undefined ? undefined : this.ofUser(mechanism, modelName);
    return {
      salt: this.saltOf(mechanism, name, model?.salt.length ?? SALT_BYTES),
      iterations: model?.iterations ?? MIN_ITERATIONS,
      // Those of the model may have to be made, and wait for others: that takes as long here.
      keys: async () => {
        await model?.keys();
        return unknownKeys(mechanism);
      },
    };
  }

  private saltOf(purpose: string, name: string, bytes: number): Buffer {
    return Buffer.from(hkdfSync('sha256', this.saltSecret, name, purpose, bytes));
  }
}
