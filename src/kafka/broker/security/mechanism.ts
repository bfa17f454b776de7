/** The SASL mechanisms of this broker: RFC 4616, and RFC 5802 with RFC 7677's hashes. */
export const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

export type Mechanism = (typeof MECHANISMS)[number];
export type ScramMechanism = Exclude<Mechanism, 'PLAIN'>;

export function isMechanism(name: string): name is Mechanism {
  return (MECHANISMS as readonly string[]).includes(name);
}
