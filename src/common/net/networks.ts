import { BlockList, isIP } from 'node:net';

/**
 * A set of networks. IPv4 and IPv6 are kept apart, because a BlockList takes every IPv4 address
 * for a member of an IPv6 network that covers IPv4-mapped addresses.
 */
export class Networks {
  private readonly v4 = new BlockList();
  private readonly v6 = new BlockList();

  /** @throws TypeError when a text is no CIDR block */
  constructor(cidrs: Iterable<string>) {
    for (const cidr of cidrs) this.add(cidr);
  }

  /** Whether an address without a zone lies in one of the networks; false for other texts. */
  includes(address: string): boolean {
    switch (isIP(address)) {
      case 4:
        return this.v4.check(address, 'ipv4');
      case 6:
        return this.v6.check(address, 'ipv6');
      default:
        return false;
    }
  }

  /** Whether an IPv6 address is the IPv4-mapped form of an address in one of the networks. */
  includesMapped(address: string): boolean {
    return isIP(address) === 6 && this.v4.check(address, 'ipv6');
  }

  private add(cidr: string): void {
    const [address = '', bits = ''] = cidr.split('/');
    const family = isIP(address);
    if (family === 0 || !/^\d{1,3}$/.test(bits)) throw new TypeError(`${cidr} is no CIDR block.`);
    if (family === 4) this.v4.addSubnet(address, Number(bits), 'ipv4');
    else this.v6.addSubnet(address, Number(bits), 'ipv6');
  }
}
