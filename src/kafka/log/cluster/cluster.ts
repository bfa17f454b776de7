import { apiVersionsV3, metadataV12, type ConnectionOptions } from '@platformatic/kafka';

import type { TopicDescription } from '../event-log.js';
import { LogUnavailable } from '../log.errors.js';
import {
  BrokerConnection,
  type BrokerAddress,
  type DriverCall,
} from '../network/broker-connection.js';
import { connectionOptions, type ClusterOptions } from '../network/connection-options.js';
import { parseAddress } from '../network/parse-address.js';
import type { WireApi } from '../network/wire-api.js';
import { describeTopics } from './describe-topics.js';

/**
 * What a connection is for. A broker answers one connection's requests in turn, so what may wait
 * (long polls) and what is large (catch-up) each has its own, and so have signs of life of group
 * members (group) and their commits, which wait for the disk.
 */
export type Purpose = 'ask' | 'produce' | 'tail' | 'join' | 'catch-up' | 'group' | 'commit';

const CLIENT_ID = 'millrace';
const FETCH_KEY = 1;

/** The brokers, connections to them by purpose, and what they say about topics. */
export class Cluster {
  private readonly options: ConnectionOptions;
  private readonly seeds: readonly BrokerAddress[];
  private readonly reachedAt: (advertised: BrokerAddress) => BrokerAddress;
  private readonly brokers = new Map<number, BrokerAddress>();
  private readonly connections = new Map<string, BrokerConnection>();
  private readonly fetchVersions = new Map<string, Promise<number>>();
  private preferred = 0;

  constructor(options: ClusterOptions) {
    this.options = connectionOptions(options);
    this.seeds = options.brokers.map(parseAddress);
    this.reachedAt = options.reachedAt ?? ((advertised) => advertised);
  }

  /** @throws LogUnavailable when no such broker is known */
  connection(broker: number, purpose: Purpose): BrokerConnection {
    return this.connectionTo(this.addressOf(broker), purpose);
  }

  /**
   * A connection that nobody else uses; the caller closes it.
   * @throws LogUnavailable when no such broker is known
   */
  open(broker: number): BrokerConnection {
    return new BrokerConnection(this.addressOf(broker), CLIENT_ID, this.options);
  }

  /** Takes up a broker's own word on where it is reached. */
  learn(broker: number, advertised: BrokerAddress): void {
    this.brokers.set(broker, this.reachedAt(advertised));
  }

  /**
   * Asks the broker that answered last; where it does not, the others in turn.
   * @throws LogUnavailable when none answers
   */
  async ask<Answer>(request: DriverCall<Answer>, timeoutMs: number): Promise<Answer> {
    return this.anyOf((connection) => connection.call(request, timeoutMs));
  }

  /** As `ask`, for a request of our own encoding. */
  async send<Request, Answer>(
    api: WireApi<Request, Answer>,
    request: Request,
    timeoutMs: number,
  ): Promise<Answer> {
    return this.anyOf((connection) => connection.send(api, request, timeoutMs));
  }

  /** All topics (null) or those named that exist, by name; also learns the brokers. */
  async topics(
    names: readonly string[] | null,
    timeoutMs: number,
  ): Promise<ReadonlyMap<string, TopicDescription>> {
    const wanted = names === null ? null : [...names];
    const answer = await this.ask<metadataV12.MetadataResponse>((connection, done) => {
      metadataV12.api(connection, wanted, false, false, done);
    }, timeoutMs);
    for (const { nodeId, host, port } of answer.brokers) this.learn(nodeId, { host, port });
    return describeTopics(answer);
  }

  /** The newest fetch version that the broker has, asked once per broker. */
  async fetchVersion(broker: number, timeoutMs: number): Promise<number> {
    const connection = this.connection(broker, 'ask');
    const { host, port } = connection.address;
    const place = `${host}:${port}`;
    let version = this.fetchVersions.get(place);
    if (version === undefined) {
      version = this.askFetchVersion(connection, timeoutMs);
      this.fetchVersions.set(place, version);
      // Forgotten when the question fails, so that the next reader asks again.
      version.catch(() => this.fetchVersions.delete(place));
    }
    return version;
  }

  close(): void {
    for (const connection of this.connections.values()) connection.close();
  }

  private async anyOf<Answer>(use: (broker: BrokerConnection) => Promise<Answer>): Promise<Answer> {
    const addresses = this.addresses();
    let failure: unknown = new LogUnavailable('No Kafka broker is known.');
    for (let tried = 0; tried < addresses.length; tried += 1) {
      const index = (this.preferred + tried) % addresses.length;
      const address = addresses[index];
      if (address === undefined) continue;
      try {
        const answer = await use(this.connectionTo(address, 'ask'));
        this.preferred = index;
        return answer;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  private addressOf(broker: number): BrokerAddress {
    const address = this.brokers.get(broker);
    if (address === undefined) throw new LogUnavailable(`Kafka's broker ${broker} is not known.`);
    return address;
  }

  /** Seeds and brokers; a seed is mostly a broker too, and is asked once. */
  private addresses(): readonly BrokerAddress[] {
    const all = [...this.seeds, ...this.brokers.values()];
    return [...new Map(all.map((one) => [`${one.host}:${one.port}`, one])).values()];
  }

  private async askFetchVersion(connection: BrokerConnection, timeoutMs: number): Promise<number> {
    const { apiKeys } = await connection.call<apiVersionsV3.ApiVersionsResponse>((driver, done) => {
      apiVersionsV3.api(driver, CLIENT_ID, '1', done);
    }, timeoutMs);
    return apiKeys.find(({ apiKey }) => apiKey === FETCH_KEY)?.maxVersion ?? 0;
  }

  private connectionTo(address: BrokerAddress, purpose: Purpose): BrokerConnection {
    const name = `${purpose} ${address.host}:${address.port}`;
    const known = this.connections.get(name);
    if (known !== undefined) return known;
    const connection = new BrokerConnection(address, CLIENT_ID, this.options);
    this.connections.set(name, connection);
    return connection;
  }
}
