import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { systemClock, type Clock } from '../clock.js';
import { ExpiringSet } from './expiring-set.js';
import { parseHosts, type Hosts } from './hosts-file.js';
import { ParsedFile } from './parsed-file.js';
import { candidatesOf, parseSearchList, type SearchList } from './search-list.js';

/** Finds all addresses of a name. */
export type LookUp = (name: string) => Promise<readonly { readonly address: string }[]>;

/** A name was not resolved in time, or lately was not. The code is getaddrinfo's for that. */
export class NameLookupTimedOut extends Error {
  readonly code = 'EAI_AGAIN';

  constructor(name: string) {
    super(`Nobody told the addresses of ${name} in time.`);
    this.name = 'NameLookupTimedOut';
  }
}

/** Where names are looked up and for how long; by default as the system is set up. */
export interface NameResolverOptions {
  /** Bound of one look-up. */
  readonly withinMs?: number;
  /** How long a name whose look-up took too long is not asked for again. */
  readonly silentForMs?: number;
  readonly hostsFile?: string;
  readonly resolvConf?: string;
  /** Nameservers instead of the system's, as `address:port`. */
  readonly servers?: readonly string[];
  readonly system?: LookUp;
  readonly clock?: Clock;
}

/** For each nameserver; then it is asked again, up to the bound. */
const TRY_MS = 1_000;
const TRIES = 3;

/** What localhost is, whatever DNS says (RFC 6761, section 6.3). */
const LOOPBACK = ['127.0.0.1', '::1'];

/** By getaddrinfo: whatever the operating system is told to ask. */
const getaddrinfo: LookUp = (name) => lookup(name, { all: true });

const isSilence = (answer: PromiseSettledResult<unknown>): boolean =>
  answer.status === 'rejected' &&
  /^(?:ETIMEOUT|ECANCELLED)$/.test((answer.reason as NodeJS.ErrnoException).code ?? '');

/**
 * Resolves names that others choose, so that one whose nameserver is silent harms no other one. The
 * hosts file comes first, then DNS without a thread: a query costs nobody else anything, and ends at
 * the bound. getaddrinfo, which knows of mDNS and the like, is asked only for what DNS knows nothing
 * of, one name at a time: it can be neither bounded nor broken off, and libuv has room for two, of
 * which the connections to Kafka and Postgres need one.
 */
export class NameResolver {
  private readonly hosts: ParsedFile<Hosts>;
  private readonly searchList: ParsedFile<SearchList>;
  private readonly silent: ExpiringSet;
  private systemIsFree: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: NameResolverOptions = {}) {
    const { hostsFile = '/etc/hosts', resolvConf = '/etc/resolv.conf' } = options;
    this.hosts = new ParsedFile(hostsFile, parseHosts);
    this.searchList = new ParsedFile(resolvConf, parseSearchList);
    this.silent = new ExpiringSet(options.silentForMs ?? 5_000, options.clock ?? systemClock);
  }

  /**
   * All addresses of a name, of which a literal address has one.
   * @throws NameLookupTimedOut
   * @throws getaddrinfo's error, with a `code` such as `ENOTFOUND`
   */
  readonly lookUp: LookUp = async (host) => {
    if (isIP(host) !== 0) return [{ address: host }];
    const name = host.toLowerCase();
    const listed = this.listed(name.replace(/\.$/, ''));
    if (listed !== undefined) return asLookedUp(listed);
    if (this.silent.has(name)) throw new NameLookupTimedOut(host);
    return this.ask(name);
  };

  private listed(name: string): readonly string[] | undefined {
    return this.hosts.content.get(name) ?? (name === 'localhost' ? LOOPBACK : undefined);
  }

  /** A resolver of its own: what is broken off at the bound is of this name only. */
  private async ask(name: string): ReturnType<LookUp> {
    const resolver = new Resolver({ timeout: TRY_MS, tries: TRIES });
    if (this.options.servers !== undefined) resolver.setServers(this.options.servers);
    const bound = new AbortController();
    const timer = setTimeout(() => {
      bound.abort(new NameLookupTimedOut(name));
      resolver.cancel();
    }, this.options.withinMs ?? 3_000);
    try {
      const found = await this.askDns(resolver, name);
      return found === undefined ? await this.askSystem(name, bound.signal) : asLookedUp(found);
    } catch (error) {
      if (error instanceof NameLookupTimedOut) this.silent.add(name);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Undefined: DNS knows no address, or there is no DNS. @throws NameLookupTimedOut */
  private async askDns(resolver: Resolver, name: string): Promise<readonly string[] | undefined> {
    for (const candidate of candidatesOf(name, this.searchList.content)) {
      const answers = await Promise.allSettled([
        resolver.resolve4(candidate),
        resolver.resolve6(candidate),
      ]);
      const found = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
      if (found.length > 0) return found;
      if (answers.some(isSilence)) throw new NameLookupTimedOut(name);
    }
    return undefined;
  }

  private async askSystem(name: string, bound: AbortSignal): ReturnType<LookUp> {
    bound.throwIfAborted();
    const turn = this.systemIsFree.then(() => {
      bound.throwIfAborted();
      return (this.options.system ?? getaddrinfo)(name);
    });
    this.systemIsFree = turn.catch(() => undefined);
    const tooLong = new Promise<never>((_, reject) => {
      bound.addEventListener('abort', () => reject(bound.reason as Error), { once: true });
    });
    return Promise.race([turn, tooLong]);
  }
}

const asLookedUp = (addresses: readonly string[]) => addresses.map((address) => ({ address }));

/** The process's: all who ask it share its bounds. */
export const systemNames = new NameResolver();
