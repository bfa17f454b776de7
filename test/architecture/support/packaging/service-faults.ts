import { mountsOf, portsOf, type ComposeFile, type Service } from './compose-file.js';
import { faultsOf, type Rule } from './rule.js';

/** `apache/kafka:4.3.1`, `postgres:18.6-trixie`: at least major and minor. */
const FIXED_IMAGE = /^[a-z0-9./-]+:\d+\.\d+[\w.-]*$/;
const SECRET = /(PASSWORD|_KEY|SECRET|TOKEN)$/;

function secretRules(name: string, { environment = {} }: Service): readonly Rule[] {
  return Object.entries(environment).flatMap(([variable, value]): readonly Rule[] => {
    const password = /:\/\/[^:/@]*:([^/]*)@[^@]*$/.exec(value)?.[1];
    return [
      [
        !SECRET.test(variable) || /^\$\{\w+:(\?.+|-)\}$/.test(value),
        `${name}: ${variable} has a value in the file`,
      ],
      [
        password === undefined || /^\$\{\w+:\?.+\}$/.test(password),
        `${name}: ${variable} has a password in the file, or may have none`,
      ],
    ];
  });
}

function dependencyRules(name: string, service: Service, file: ComposeFile): readonly Rule[] {
  return Object.entries(service.depends_on ?? {}).flatMap(([other, { condition }]) => [
    [other in file.services, `${name}: depends on ${other}, which is no service`] as const,
    [condition === 'service_healthy', `${name}: does not wait until ${other} is healthy`] as const,
  ]);
}

function volumeRules(name: string, service: Service, file: ComposeFile): readonly Rule[] {
  const mounts = mountsOf(service);
  return [
    [mounts.length > 0, `${name}: keeps its data in no volume`],
    ...mounts.map(({ volume }): Rule => [
      volume in file.volumes,
      `${name}: ${volume} is no volume of the file`,
    ]),
  ];
}

function serviceRules(name: string, service: Service, file: ComposeFile): readonly Rule[] {
  const { image, build, healthcheck, restart } = service;
  return [
    [(image === undefined) !== (build === undefined), `${name}: neither an image nor built`],
    [image === undefined || FIXED_IMAGE.test(image), `${name}: ${image} is not fixed to a version`],
    [(healthcheck?.test?.length ?? 0) > 0, `${name}: has no health check`],
    [
      healthcheck?.start_interval === undefined || healthcheck.start_period !== undefined,
      `${name}: start_interval has no effect without start_period`,
    ],
    [restart === 'unless-stopped', `${name}: stays down after a crash`],
    ...portsOf(service).map(({ address, published }): Rule => [
      address === '127.0.0.1',
      `${name}: port ${published} is open to the network`,
    ]),
    ...volumeRules(name, service, file),
    ...dependencyRules(name, service, file),
    ...secretRules(name, service),
  ];
}

/** What is wrong with any service of a compose file, whatever it runs. */
export function serviceFaults(file: ComposeFile): readonly string[] {
  const services = Object.entries(file.services);
  const mounted = services.flatMap(([, service]) => mountsOf(service).map(({ volume }) => volume));
  const published = services.flatMap(([, service]) =>
    portsOf(service).map((port) => port.published),
  );
  return faultsOf([
    ...services.flatMap(([name, service]) => serviceRules(name, service, file)),
    ...Object.keys(file.volumes).map((volume): Rule => [
      mounted.includes(volume),
      `${volume}: a volume that nobody uses`,
    ]),
    [new Set(published).size === published.length, 'two services publish the same port'],
  ]);
}
