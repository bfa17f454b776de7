import { loadSettings } from '../../../../src/config/load-settings.js';
import { mountsOf, portsOf, secondsOf, type Service } from './compose-file.js';
import type { ImageFacts } from './image-faults.js';
import type { ProjectFacts } from './project-facts.js';
import { faultsOf, type Rule } from './rule.js';

type Variables = Readonly<Record<string, string>>;

/** The servers that a Millrace service is started with. */
export interface Servers {
  /** Where containers find Kafka. */
  readonly brokers: readonly string[];
  readonly kafkaName: string;
  readonly postgresName: string;
  readonly postgres: Variables;
}

/** What the program itself says of its environment; it would not start on an error. */
function settingsRules(environment: Variables): readonly Rule[] {
  try {
    const { settings, warnings } = loadSettings(environment);
    return [
      ...warnings.map((warning): Rule => [false, warning]),
      [settings.databaseUrl !== undefined, 'it looks for an embedded Postgres'],
      [settings.kafka.brokers !== undefined, 'it looks for an embedded broker'],
    ];
  } catch (error) {
    return [[false, String(error)]];
  }
}

function serverRules(environment: Variables, servers: Servers): readonly Rule[] {
  const url = URL.canParse(environment['DATABASE_URL'] ?? '')
    ? new URL(environment['DATABASE_URL'] ?? '')
    : undefined;
  const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = servers.postgres;
  return [
    [url?.host === `${servers.postgresName}:5432`, 'DATABASE_URL is not the Postgres of the file'],
    [
      url?.username === POSTGRES_USER && url?.password === POSTGRES_PASSWORD,
      'DATABASE_URL has another user or password than Postgres',
    ],
    [url?.pathname === `/${POSTGRES_DB}`, 'DATABASE_URL names another database than Postgres has'],
    [
      servers.brokers.includes(environment['KAFKA_BROKERS'] ?? ''),
      'KAFKA_BROKERS is not where Kafka tells containers to go',
    ],
  ];
}

function lifeRules(service: Service, image: ImageFacts, project: ProjectFacts): readonly Rule[] {
  const grace = secondsOf(service.stop_grace_period) ?? 0;
  const probe = service.healthcheck?.test?.join(' ') ?? '';
  return [
    [service.init === true, 'nobody collects its dead children: init is not set'],
    [
      grace > project.drainLimitSeconds,
      `it is killed after ${grace} s, before the ${project.drainLimitSeconds} s of draining are over`,
    ],
    [project.probes.has('/readyz'), 'the program has no /readyz'],
    [
      probe.includes(`http://127.0.0.1:${image.port}/readyz`),
      'its health check does not ask /readyz on its port',
    ],
  ];
}

/** What is wrong with a service that runs the image, beside the servers of the same file. */
export function millraceFaults(
  service: Service,
  given: Variables,
  context: {
    readonly image: ImageFacts;
    readonly project: ProjectFacts;
    readonly servers: Servers;
  },
): readonly string[] {
  const { image, project, servers } = context;
  const unknown = Object.keys(given).filter((name) => !project.variables.has(name));
  return faultsOf([
    [unknown.length === 0, `no such setting: ${unknown.join(', ')}`],
    ...settingsRules({ ...image.environment, ...given }),
    ...serverRules(given, servers),
    ...lifeRules(service, image, project),
    [
      mountsOf(service).some(({ target }) => target === image.dataDir),
      `its volume is not mounted at ${image.dataDir}, where the keys are`,
    ],
    [
      portsOf(service).some(({ target }) => target === image.port),
      `its port ${image.port} is not published`,
    ],
    ...[servers.kafkaName, servers.postgresName].map((name): Rule => [
      name in (service.depends_on ?? {}),
      `it does not depend on ${name}`,
    ]),
  ]);
}
