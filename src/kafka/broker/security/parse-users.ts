import type { Secrets } from './account.js';
import { Credentials } from './credentials.js';
import type { ScramMechanism } from './mechanism.js';
import { parseVerifier, type ScramVerifier } from './scram-verifier.js';
import { MalformedCredentials } from './security.errors.js';

/** One secret of one user, and where it was found, for messages. */
interface Entry {
  readonly where: string;
  readonly name: string;
  readonly secret: string;
}

interface SecretsInTheMaking {
  password?: string;
  readonly verifiers: Map<ScramMechanism, ScramVerifier>;
}

/** Looks like a verifier, be it of a mechanism that is unknown here: surely not a password. */
const VERIFIER = /^SCRAM-[A-Z0-9-]+\$/;

/**
 * Reads a users file: `name:secret` a line, where the secret is a password or a verifier (see
 * parseVerifier). A name may have one of each kind, a line each. Lines that are empty or begin
 * with `#` say nothing. Everything after the first colon counts, blanks too.
 * @throws MalformedCredentials
 */
export function parseUsersFile(bytes: Buffer, saltSecret: Buffer): Credentials {
  const entries = textOf(bytes)
    .split(/\r?\n/)
    .map((line, index) => ({ line, where: `line ${index + 1}` }))
    .filter(({ line }) => line.trim() !== '' && !line.startsWith('#'))
    .map(({ line, where }) => entryOf(line, where));
  return credentialsOf(entries, saltSecret);
}

/**
 * Takes users from memory: secrets by name, each as in a users file.
 * @throws MalformedCredentials
 */
export function usersFrom(
  users: Readonly<Record<string, string>>,
  saltSecret: Buffer,
): Credentials {
  return credentialsOf(
    Object.entries(users).map(([name, secret], index) => ({
      where: `user ${index + 1}`,
      name,
      secret,
    })),
    saltSecret,
  );
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new MalformedCredentials('the file', 'is not UTF-8');
  }
}

function entryOf(line: string, where: string): Entry {
  const colon = line.indexOf(':');
  // The line may well be a password: it is not repeated.
  if (colon < 0) throw new MalformedCredentials(where, 'is not name:password');
  return { where, name: line.slice(0, colon), secret: line.slice(colon + 1) };
}

function credentialsOf(entries: readonly Entry[], saltSecret: Buffer): Credentials {
  const users = new Map<string, SecretsInTheMaking>();
  for (const entry of entries) {
    if (entry.name === '') throw new MalformedCredentials(entry.where, 'the name is empty');
    const secrets = users.get(entry.name) ?? { verifiers: new Map() };
    users.set(entry.name, secrets);
    add(secrets, entry);
  }
  return new Credentials(users satisfies ReadonlyMap<string, Secrets>, saltSecret);
}

function add(secrets: SecretsInTheMaking, { where, secret }: Entry): void {
  if (secret === '') throw new MalformedCredentials(where, 'the password is empty');
  if (!VERIFIER.test(secret)) {
    if (secrets.password !== undefined) {
      throw new MalformedCredentials(where, 'a second password for this user');
    }
    secrets.password = secret;
    return;
  }
  const verifier = parseVerifier(secret);
  if (!verifier) throw new MalformedCredentials(where, 'a SCRAM verifier that is not well formed');
  if (secrets.verifiers.has(verifier.mechanism)) {
    throw new MalformedCredentials(where, `a second ${verifier.mechanism} verifier for this user`);
  }
  secrets.verifiers.set(verifier.mechanism, verifier);
}
