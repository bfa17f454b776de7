import type { Consumer, Kafka } from 'kafkajs';

const SESSION_TIMEOUT_MS = 6_000;
const HEARTBEAT_MS = 1_000;

/**
 * A consumer of a module's group. The session is the shortest that Kafka allows by default, so that
 * the partitions of a killed process come back soon. `maxWaitTimeInMs` bounds how long stopping and
 * commits take, which wait behind a fetch, and is what an idle consumer costs: records come at once
 * anyhow. kafkajs must not restart a crashed consumer itself: GroupConsumer does, and reports it.
 */
export const createConsumer = (kafka: Kafka, groupId: string): Consumer =>
  kafka.consumer({
    groupId,
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    rebalanceTimeout: SESSION_TIMEOUT_MS,
    maxWaitTimeInMs: 500,
    metadataMaxAge: 60_000,
    allowAutoTopicCreation: false,
    retry: {
      initialRetryTime: 50,
      maxRetryTime: 1_000,
      retries: 8,
      restartOnFailure: () => Promise.resolve(false),
    },
  });
