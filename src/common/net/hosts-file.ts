import { isIP } from 'node:net';

/** Addresses by lower-case name. */
export type Hosts = ReadonlyMap<string, readonly string[]>;

/** Reads hosts(5): an address and its names per line; a name has the addresses of all its lines. */
export function parseHosts(text: string): Hosts {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      const addresses = hosts.get(key) ?? [];
      if (!addresses.includes(address)) hosts.set(key, [...addresses, address]);
    }
  }
  return hosts;
}
