import { isIPv6 } from 'node:net';

/** Who wants to log in, as far as the broker knows from the connection alone. */
export interface Peer {
  /** The address it comes from, as Kafka writes it: `/192.0.2.1`. */
  readonly host: string;
  /** Aborted when it is gone. */
  readonly closed: AbortSignal;
}

/**
 * Whom to take for one and the same: an IPv4 address, also within IPv6 (RFC 4291, 2.5.5.2), or an
 * IPv6 network of 64 bits, of which one host may have every address (RFC 4291, 2.5.4).
 */
export function originOf({ host }: Peer): string {
  const address = host.replace(/^\//, '').replace(/%.*$/, '');
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  return isIPv6(address) ? `${groupsOf(address).slice(0, 4).join(':')}::/64` : address;
}

/** The eight groups of an address that may leave out zeros; of one that ends as IPv4 the first six. */
function groupsOf(address: string): readonly string[] {
  const [before, after] = address.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const given = before!.length + (after?.length ?? 0);
  return [...before!, ...Array.from({ length: 8 - given }, () => '0'), ...(after ?? [])];
}
