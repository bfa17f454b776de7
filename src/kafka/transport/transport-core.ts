import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Kafka } from 'kafkajs';
import { SETTINGS, type Settings } from '../../config/settings.js';
import type { ModuleName } from '../contracts/module-names.js';
import { createKafka } from './connection/create-kafka.js';
import { InternalTopics } from './connection/internal-topics.js';
import type { ModuleTransport } from './module-transport.js';
import { OutgoingMessages } from './outbox/outgoing-messages.js';
import { MessageSigner } from './wire/message-signer.js';
import { TopicNames } from './wire/topic-names.js';

/** What all modules' transports of a process share, and the order in which they end. */
@Injectable()
export class TransportCore implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly kafka: Kafka;
  readonly names: TopicNames;
  readonly signer: MessageSigner;
  readonly topics: InternalTopics;
  readonly messages: OutgoingMessages;
  private readonly byModule = new Map<string, ModuleTransport>();

  constructor(@Inject(SETTINGS) settings: Settings) {
    this.kafka = createKafka(settings.kafka);
    this.names = new TopicNames(settings.kafka.prefix);
    this.signer = new MessageSigner(settings.encryptionKey);
    this.topics = new InternalTopics(this.kafka);
    this.messages = new OutgoingMessages(this.names, this.signer);
  }

  add(module: ModuleName, transport: ModuleTransport): void {
    this.byModule.set(module, transport);
  }

  /** The transport of a module that runs in this process. */
  find(module: string): ModuleTransport | undefined {
    return this.byModule.get(module);
  }

  get transports(): readonly ModuleTransport[] {
    return [...this.byModule.values()];
  }

  /** First of all: fetch nothing more, finish what is in hand, commit, leave the groups. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.transports.map((transport) => transport.drain()));
  }

  /**
   * Last: outboxes are flushed and producers closed. Nest has done so already, between the end of
   * HTTP and of the databases, for transports that were connected to the application.
   */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.transports.map((transport) => transport.close()));
    await this.topics.close();
  }
}
