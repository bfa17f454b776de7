import type { Exchange } from './exchange.js';
import { isMechanism, MECHANISMS, type Mechanism } from './mechanism.js';
import { usersFrom } from './parse-users.js';
import type { Peer } from './peer.js';
import { PlainExchange } from './plain.js';
import { ScramExchange } from './scram.js';
import { UsersFile, type Users } from './users-file.js';

/** Who may log in, and how. */
export type SaslSettings = {
  /** All of them by default. */
  readonly mechanisms?: readonly Mechanism[];
} & (
  | {
      /** See the README; looked at again whenever somebody logs in. */
      readonly usersFile: string;
    }
  | {
      /** By name: a password, or a SCRAM verifier as in a users file. */
      readonly users: Readonly<Record<string, string>>;
    }
);

/** The broker's mechanisms and users. */
export class Sasl {
  private constructor(
    /** Names of those that are offered. */
    readonly mechanisms: readonly Mechanism[],
    private readonly users: Users,
  ) {}

  /**
   * @param saltSecret see Credentials
   * @param onFailure told when the users file can be used no longer
   * @throws UnusableUsersFile, MalformedCredentials
   */
  static async open(
    settings: SaslSettings,
    saltSecret: Buffer,
    onFailure: (error: unknown) => void,
  ): Promise<Sasl> {
    const { mechanisms = MECHANISMS } = settings;
    if ('usersFile' in settings) {
      return new Sasl(mechanisms, await UsersFile.open(settings.usersFile, saltSecret, onFailure));
    }
    const credentials = usersFrom(settings.users, saltSecret);
    return new Sasl(mechanisms, { current: () => Promise.resolve(credentials) });
  }

  /** Undefined for a mechanism that is not offered. */
  begin(mechanism: string, peer: Peer): Exchange | undefined {
    if (!isMechanism(mechanism) || !this.mechanisms.includes(mechanism)) return undefined;
    if (mechanism === 'PLAIN') return new PlainExchange(this.users, peer);
    return new ScramExchange(mechanism, this.users);
  }
}
