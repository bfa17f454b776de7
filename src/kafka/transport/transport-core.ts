import { Inject, Injectable } from '@nestjs/common';
import type { Kafka } from 'kafkajs';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { createKafka } from './connection/create-kafka.js';
import { InternalTopics } from './connection/internal-topics.js';
import { TransportMetrics } from './metrics/transport-metrics.js';
import { OutgoingMessages } from './outbox/outgoing-messages.js';
import { MessageSigner } from './wire/message-signer.js';
import { TopicNames } from './wire/topic-names.js';

/** What all modules' transports of a process share. */
@Injectable()
export class TransportCore {
  readonly kafka: Kafka;
  readonly names: TopicNames;
  readonly signer: MessageSigner;
  readonly topics: InternalTopics;
  readonly messages: OutgoingMessages;

  constructor(
    @Inject(SETTINGS) settings: Settings,
    readonly metrics: TransportMetrics,
  ) {
    this.kafka = createKafka(settings.kafka);
    this.names = new TopicNames(settings.kafka.prefix);
    this.signer = new MessageSigner(settings.encryptionKey);
    this.topics = new InternalTopics(this.kafka);
    this.messages = new OutgoingMessages(this.names, this.signer);
  }
}
