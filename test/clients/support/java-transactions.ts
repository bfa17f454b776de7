import { unique } from '../../conformance/support/names.js';
import { Java, type JavaConfig } from './java.js';
import type { JavaProducer } from './java-clients.js';
import { readToEnd } from './java-topics.js';

/** A transactional producer, initialised. */
export async function transactional(
  java: Java,
  id: string,
  config: JavaConfig = {},
): Promise<JavaProducer> {
  const producer = await java.producer({ 'transactional.id': id, ...config });
  await producer.call('init');
  return producer;
}

/** All values of a partition up to its end, as the isolation level shows it. */
export async function read(
  java: Java,
  topic: string,
  level: 'read_committed' | 'read_uncommitted',
): Promise<readonly (string | null)[]> {
  const consumer = await readToEnd(await java.consumer({ 'isolation.level': level }), topic);
  await consumer.close();
  return consumer.values;
}

/** A producer in the midst of a transaction with one record, and its successor of the same id. */
export async function replaced(
  java: Java,
  topic: string,
  value: string,
): Promise<{ readonly zombie: JavaProducer; readonly successor: JavaProducer }> {
  const id = unique('transactional');
  const zombie = await transactional(java, id);
  await zombie.call('begin');
  await zombie.sendValues(topic, value);
  return { zombie, successor: await transactional(java, id) };
}
