import type { Contract } from '../../contracts/contract.js';
import type { ModuleName } from '../../contracts/module-names.js';

/** Names of the installation's topics and groups in Kafka: all begin with its prefix. */
export class TopicNames {
  constructor(private readonly prefix: string) {}

  /** Topic of a contract; state topics are recognisable by `state.`. */
  of(contract: Pick<Contract, 'name' | 'kind'>): string {
    return `${this.prefix}${contract.kind === 'state' ? 'state.' : ''}${contract.name}`;
  }

  /** What the topic of an outbox row is for. */
  purposeOf(topic: string): 'state' | 'messages' {
    return topic.startsWith(`${this.prefix}state.`) ? 'state' : 'messages';
  }

  group(module: ModuleName): string {
    return `${this.prefix}${module}`;
  }

  deadLetters(module: ModuleName): string {
    return `${this.prefix}${module}.dead-letters`;
  }

  replies(module: ModuleName): string {
    return `${this.prefix}${module}.replies`;
  }
}
