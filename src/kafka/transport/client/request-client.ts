import type { RequestContract } from '../../contracts/contract.js';
import type { RequestChannel } from './request-channel.js';

/** How a request is sent. */
export interface RequestOptions {
  /** Default 5 s. The deadline travels: the other side does not begin what nobody waits for. */
  readonly timeoutMs?: number;
  /** `Bearer mr_…` for public commands that are sent in somebody's name. */
  readonly authorization?: string;
}

const DEFAULT_TIMEOUT_MS = 5_000;

/** Asks other modules over Kafka and waits for their answers. */
export class RequestClient {
  constructor(private readonly channel: RequestChannel) {}

  /**
   * Sends a request and waits for its reply.
   * @throws RemoteError what the other side answered: same code, kind, message and details
   * @throws RequestTimedOut no reply in time; the request was perhaps executed
   * @throws TransportUnavailable Kafka did not take the request
   * @throws ContractViolated the request does not fit its contract
   */
  async request<Request, Reply>(
    contract: RequestContract<Request, Reply>,
    payload: Request,
    options: RequestOptions = {},
  ): Promise<Reply> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, authorization } = options;
    return (await this.channel.exchange(contract, payload, timeoutMs, authorization)) as Reply;
  }
}
