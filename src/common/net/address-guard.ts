import { isIP } from 'node:net';
import { systemNames, type LookUp } from './name-resolver.js';
import { Networks } from './networks.js';
import { specialNetworks } from './special-networks.js';

/** One address of a name, and whether it may be connected to. */
export interface JudgedAddress {
  readonly address: string;
  readonly family: 4 | 6;
  readonly permitted: boolean;
}

/** What a URL's host is: an address that is permitted or not, or a name that must be resolved. */
export type HostVerdict = 'permitted' | 'forbidden' | 'name';

const special = new Networks(specialNetworks.map(([cidr]) => cidr));
/** All that IANA has given out for public IPv6 (RFC 4291, section 2.4). */
const globalUnicast = new Networks(['2000::/3']);

/** `[::1]` is how a URL writes the address ::1. */
const withoutBrackets = (host: string): string =>
  host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;

/**
 * Decides which addresses this process may connect to on behalf of others (server-side request
 * forgery): public ones, and what the operator allows. It is asked at connect time for the very
 * address that is connected to, since a name may resolve differently a moment later (rebinding).
 */
export class AddressGuard {
  private readonly allowed: Networks;
  private readonly lookUps = new Map<string, Promise<readonly JudgedAddress[]>>();

  /**
   * @param allowedCidrs networks that win over all others; an IPv4-mapped address of an allowed
   *   IPv4 network counts as that IPv4 address
   * @throws TypeError when one of them is no CIDR block
   */
  constructor(
    allowedCidrs: readonly string[] = [],
    private readonly lookUp: LookUp = systemNames.lookUp,
  ) {
    this.allowed = new Networks(allowedCidrs);
  }

  /** Whether an IP address may be connected to. False for what is no address. */
  permits(address: string): boolean {
    const [plain = ''] = address.split('%');
    if (this.allowed.includes(plain) || this.allowed.includesMapped(plain)) return true;
    const family = isIP(plain);
    if (family === 0 || (family === 6 && !globalUnicast.includes(plain))) return false;
    return !special.includes(plain);
  }

  /** Judges the `hostname` of a WHATWG URL, which has brought odd notations into one form. */
  judgeHost(host: string): HostVerdict {
    const bare = withoutBrackets(host);
    if (isIP(bare) === 0) return 'name';
    return this.permits(bare) ? 'permitted' : 'forbidden';
  }

  /**
   * All addresses of a name (or the one of a literal), each judged. Look-ups of one name that run
   * at the same time are one.
   * @throws the resolver's error, which has a `code` such as `ENOTFOUND`
   */
  resolve(host: string): Promise<readonly JudgedAddress[]> {
    const name = withoutBrackets(host);
    const running = this.lookUps.get(name);
    if (running !== undefined) return running;
    const started = this.judgeAll(name).finally(() => this.lookUps.delete(name));
    this.lookUps.set(name, started);
    return started;
  }

  private async judgeAll(name: string): Promise<readonly JudgedAddress[]> {
    const addresses = await this.lookUp(name);
    return addresses.map(({ address }) => ({
      address,
      family: isIP(address) === 4 ? 4 : 6,
      permitted: this.permits(address),
    }));
  }
}
