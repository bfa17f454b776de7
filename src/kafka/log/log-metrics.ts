import type { Registry } from 'prom-client';

import { showGauge } from '../../common/metrics/show-gauge.js';
import type { KafkaEventLog } from './kafka-event-log.js';

/** Shows operators what the data plane holds: bytes that wait for Kafka, and partitions read. */
export function showLog(registry: Registry, log: KafkaEventLog): void {
  showGauge(
    registry,
    'millrace_log_publish_buffered_bytes',
    'Bytes of events that wait for Kafka to acknowledge them.',
    () => log.bufferedBytes,
  );
  showGauge(
    registry,
    'millrace_log_readers',
    'Open readers of partitions; those of one partition share what is fetched.',
    () => log.openReaders,
  );
  showGauge(
    registry,
    'millrace_log_partitions_read',
    'Partitions that are read now.',
    () => log.openPartitions,
  );
}
