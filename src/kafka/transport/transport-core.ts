import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
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
export class TransportCore implements OnApplicationShutdown {
  readonly kafka: Kafka;
  readonly names: TopicNames;
  readonly signer: MessageSigner;
  readonly topics: InternalTopics;
  readonly messages: OutgoingMessages;
  private closing: Promise<void> | undefined;
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

  /**
   * Ends all transports: first every module fetches nothing more, finishes what is in hand, commits
   * and leaves its group, while outboxes and replies still work for the others; then outboxes are
   * flushed and clients disconnected. Nest calls it through the servers, after HTTP has ended and
   * before the databases close. Repeating it waits for the first.
   */
  close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  /** For transports that were never connected to an application. */
  onApplicationShutdown(): Promise<void> {
    return this.close();
  }

  private async closeOnce(): Promise<void> {
    await Promise.all(this.transports.map((transport) => transport.drain()));
    await Promise.all(this.transports.map((transport) => transport.close()));
    await this.topics.close();
  }
}
