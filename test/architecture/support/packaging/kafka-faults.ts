import { mountsOf, portsOf, type Service } from './compose-file.js';
import { faultsOf, type Rule } from './rule.js';

/** The image takes Kafka's configuration from the environment alone, so nothing has a default. */
const REQUIRED = [
  'CLUSTER_ID',
  'KAFKA_NODE_ID',
  'KAFKA_PROCESS_ROLES',
  'KAFKA_CONTROLLER_QUORUM_VOTERS',
  'KAFKA_CONTROLLER_LISTENER_NAMES',
  'KAFKA_INTER_BROKER_LISTENER_NAME',
  'KAFKA_LISTENER_SECURITY_PROTOCOL_MAP',
  'KAFKA_LISTENERS',
  'KAFKA_ADVERTISED_LISTENERS',
  'KAFKA_LOG_DIRS',
];

/** Their defaults want three brokers. */
const OF_ONE_BROKER = [
  'KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR',
  'KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR',
  'KAFKA_TRANSACTION_STATE_LOG_MIN_ISR',
  'KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR',
  'KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR',
];

/** `INTERNAL://kafka:9092` in its three parts. */
interface Listener {
  readonly name: string;
  readonly host: string;
  readonly port: string;
}

type Variables = Readonly<Record<string, string>>;

const listenersOf = (text: string | undefined): readonly Listener[] =>
  (text ?? '').split(',').map((listener) => {
    const [, name = '', host = '', port = ''] = /^(\w+):\/\/(.*):(\d+)$/.exec(listener) ?? [];
    return { name, host, port };
  });

const isThisMachine = (host: string): boolean => host === '127.0.0.1' || host === 'localhost';

/** Whether a client that is told this address gets to the listener of the same name. */
function isReachable(
  advertised: Listener,
  listener: Listener,
  name: string,
  kafka: Service,
): boolean {
  if (advertised.host === name) return advertised.port === listener.port;
  return (
    isThisMachine(advertised.host) &&
    portsOf(kafka).some(
      ({ published, target }) => published === advertised.port && target === listener.port,
    )
  );
}

function advertisedRules(name: string, kafka: Service, variables: Variables): readonly Rule[] {
  const listeners = listenersOf(variables['KAFKA_LISTENERS']);
  const advertised = listenersOf(variables['KAFKA_ADVERTISED_LISTENERS']);
  const names = (each: readonly Listener[]): readonly string[] => each.map((one) => one.name);
  return [
    ...advertised.map((each): Rule => {
      const listener = listeners.find((one) => one.name === each.name);
      return [
        listener !== undefined && isReachable(each, listener, name, kafka),
        `${each.name} is advertised as ${each.host}:${each.port}, where nobody reaches it`,
      ];
    }),
    [advertised.some(({ host }) => host === name), 'containers are told no address of theirs'],
    [
      advertised.some(({ host }) => isThisMachine(host)),
      'programs on this machine are told no address of theirs',
    ],
    [
      names(advertised).includes(variables['KAFKA_INTER_BROKER_LISTENER_NAME'] ?? ''),
      'the inter-broker listener is not advertised',
    ],
    [
      !names(advertised).includes(variables['KAFKA_CONTROLLER_LISTENER_NAMES'] ?? ''),
      'the controller is advertised to clients',
    ],
  ];
}

function quorumRules(name: string, variables: Variables): readonly Rule[] {
  const listeners = listenersOf(variables['KAFKA_LISTENERS']);
  const protocols = (variables['KAFKA_LISTENER_SECURITY_PROTOCOL_MAP'] ?? '').split(',');
  const controller = listeners.find(
    (each) => each.name === variables['KAFKA_CONTROLLER_LISTENER_NAMES'],
  );
  const voters = ['localhost', name].map(
    (host) => `${variables['KAFKA_NODE_ID']}@${host}:${controller?.port}`,
  );
  return [
    [variables['KAFKA_PROCESS_ROLES'] === 'broker,controller', 'it is not broker and controller'],
    [controller !== undefined, 'there is no listener for the controller'],
    [
      voters.includes(variables['KAFKA_CONTROLLER_QUORUM_VOTERS'] ?? ''),
      'the voter is not this node at its controller listener',
    ],
    ...listeners.map((each): Rule => [
      protocols.some((protocol) => protocol.startsWith(`${each.name}:`)),
      `listener ${each.name} has no security protocol`,
    ]),
  ];
}

/** A Kafka UUID: 16 bytes in base64url without padding. */
const isUuid = (text: string): boolean =>
  Buffer.from(text, 'base64url').length === 16 &&
  Buffer.from(text, 'base64url').toString('base64url') === text;

/**
 * What is wrong with a single Apache Kafka in KRaft's combined mode, as the apache/kafka image is
 * told by its environment.
 */
export function kafkaFaults(name: string, kafka: Service, variables: Variables): readonly string[] {
  const probe = kafka.healthcheck?.test?.join(' ') ?? '';
  const [internal] = listenersOf(variables['KAFKA_ADVERTISED_LISTENERS']).filter(
    ({ host }) => host === name,
  );
  return faultsOf([
    ...REQUIRED.map((variable): Rule => [variable in variables, `${variable} is not set`]),
    [isUuid(variables['CLUSTER_ID'] ?? ''), 'CLUSTER_ID is no UUID of Kafka'],
    ...OF_ONE_BROKER.map((variable): Rule => [variables[variable] === '1', `${variable} is not 1`]),
    [variables['KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS'] === '0', 'groups wait for more members'],
    [
      mountsOf(kafka).some(({ target }) => target === variables['KAFKA_LOG_DIRS']),
      'its log is not in its volume',
    ],
    [
      probe.includes(`/opt/kafka/bin/`) && probe.includes(`localhost:${internal?.port}`),
      'its health check asks no listener of its own',
    ],
    ...quorumRules(name, variables),
    ...advertisedRules(name, kafka, variables),
  ]);
}

/** `kafka:9092`: where other containers find it. */
export const brokersFor = (name: string, variables: Variables): readonly string[] =>
  listenersOf(variables['KAFKA_ADVERTISED_LISTENERS'])
    .filter(({ host }) => host === name)
    .map(({ host, port }) => `${host}:${port}`);
