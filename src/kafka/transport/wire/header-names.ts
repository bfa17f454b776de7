/**
 * Header names between modules, and between Millrace and other programs. The `kafka_…` names are
 * those of Nest's own Kafka client, so that any Nest service, or a few lines of plain kafkajs, can
 * send a public command.
 */
export const headerNames = {
  /** Chosen by the sender of a request; its reply carries the same. */
  correlationId: 'kafka_correlationId',
  /** Topic to which the reply goes. */
  replyTopic: 'kafka_replyTopic',
  /** Partition of the reply topic; optional. */
  replyPartition: 'kafka_replyPartition',
  /** In a reply: the error as JSON `{code, kind, message, details}`. */
  error: 'kafka_nest-err',
  /** In a reply: nothing follows it. */
  disposed: 'kafka_nest-is-disposed',
  /** Unix milliseconds after which a request must not be executed. */
  deadline: 'millrace-deadline',
  /** `Bearer mr_…`, for public commands. */
  authorization: 'authorization',
  /** HMAC of an internal request or an authenticated state record. */
  signature: 'millrace-signature',
  /** Unique id of an event; the inbox drops a second one. */
  messageId: 'millrace-message-id',
  /** Version of the entity; the only place for it in a tombstone. */
  version: 'millrace-version',
} as const;
