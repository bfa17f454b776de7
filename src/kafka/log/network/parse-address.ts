import { LogRequestInvalid } from '../log.errors.js';
import type { BrokerAddress } from './broker-connection.js';

const DEFAULT_PORT = 9092;

/**
 * `host`, `host:port` or `[ipv6]:port`; the port is 9092 when left out.
 * @throws LogRequestInvalid
 */
export const parseAddress = (text: string): BrokerAddress => {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text.trim());
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) throw new LogRequestInvalid(`${text} is no broker address.`);
  return { host, port: match?.[3] === undefined ? DEFAULT_PORT : Number(match[3]) };
};
