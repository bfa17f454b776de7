import { environmentOf, readCompose, variablesIn } from './compose-file.js';
import { contextFaults } from './context-faults.js';
import { parseDockerfile } from './dockerfile.js';
import { imageFactsOf, imageFaults } from './image-faults.js';
import { brokersFor, kafkaFaults } from './kafka-faults.js';
import { millraceFaults } from './millrace-faults.js';
import { postgresFaults } from './postgres-faults.js';
import type { ProjectFacts } from './project-facts.js';
import { serviceFaults } from './service-faults.js';

/** The texts of the packaging, under the names that they have in the project. */
export interface Packaging {
  readonly Dockerfile: string;
  readonly '.dockerignore': string;
  readonly 'docker-compose.yml': string;
  readonly 'docs/deployment.md': string;
}

/** What whoever starts the compose file must give. */
const GIVEN = { POSTGRES_PASSWORD: 'aGoodPassword1' };

function composeFaults(packaging: Packaging, project: ProjectFacts): readonly string[] {
  const file = readCompose(packaging['docker-compose.yml']);
  const { kafka, postgres, millrace } = file.services;
  if (!kafka || !postgres || !millrace)
    return ['a service is missing: kafka, postgres or millrace'];
  const kafkaVariables = environmentOf(kafka, GIVEN);
  const postgresVariables = environmentOf(postgres, GIVEN);
  const servers = {
    brokers: brokersFor('kafka', kafkaVariables),
    kafkaName: 'kafka',
    postgresName: 'postgres',
    postgres: postgresVariables,
  };
  const image = imageFactsOf(parseDockerfile(packaging.Dockerfile));
  return [
    ...serviceFaults(file),
    ...kafkaFaults('kafka', kafka, kafkaVariables),
    ...postgresFaults(postgres, postgresVariables),
    ...millraceFaults(millrace, environmentOf(millrace, GIVEN), { image, project, servers }),
  ];
}

/** Settings that the page names but nobody reads, and variables of the compose file that it lacks. */
function pageFaults(packaging: Packaging, project: ProjectFacts): readonly string[] {
  const page = packaging['docs/deployment.md'];
  const named = page.match(/\bMILLRACE_[A-Z_]+/g) ?? [];
  const asked = variablesIn(packaging['docker-compose.yml']);
  return [
    ...named
      .filter((name) => !project.variables.has(name))
      .map((name) => `docs/deployment.md: ${name} is no setting`),
    ...asked
      .filter((name) => !page.includes(name))
      .map((name) => `docs/deployment.md: says nothing of ${name}`),
  ];
}

/** Everything that is wrong with the packaging, held against the project and against itself. */
export function packagingFaults(packaging: Packaging, project: ProjectFacts): readonly string[] {
  const stages = parseDockerfile(packaging.Dockerfile);
  return [
    ...contextFaults(stages, packaging['.dockerignore'], project),
    ...imageFaults(stages, project),
    ...composeFaults(packaging, project),
    ...pageFaults(packaging, project),
  ];
}
