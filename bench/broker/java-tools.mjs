/** Kafka's own performance tools, from its jars. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Elsewhere the tools print decimal commas. */
const ENGLISH = ['-Duser.language=en', '-Duser.country=US'];
const QUIET = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';

/** Runs a tool of Kafka's and gives what it printed. */
async function tool(libs, name, options) {
  const program = [...ENGLISH, QUIET, '-cp', `${libs}/*`, `org.apache.kafka.tools.${name}`];
  const java = [...program, ...options.split(' ')];
  const { stdout } = await run('java', java, { maxBuffer: 1 << 26 });
  return stdout;
}

/** Records a second that the Java producer writes: 300 bytes, one partition, acks=all. */
export async function javaProduce(libs, address, topic, records) {
  const options = `--topic ${topic} --num-records ${records} --record-size 300 --throughput -1`;
  const props = `--producer-props bootstrap.servers=${address} acks=all`;
  const stdout = await tool(libs, 'ProducerPerformance', `${options} ${props}`);
  const rate = /records sent, ([\d.]+) records\/sec/g;
  const all = [...stdout.matchAll(rate)];
  if (all.length === 0) throw new Error(`ProducerPerformance said: ${stdout}`);
  return Number(all.at(-1)[1]);
}

/** Records a second that the Java consumer reads, without the time that its group takes to form. */
export async function javaConsume(libs, address, topic, records) {
  const options = `--bootstrap-server ${address} --topic ${topic} --messages ${records}`;
  const stdout = await tool(libs, 'ConsumerPerformance', `${options} --timeout 60000`);
  const [names = '', values = ''] = stdout.trim().split('\n').slice(-2);
  const at = names.split(',').findIndex((name) => name.trim() === 'fetch.nMsg.sec');
  const rate = Number(values.split(',')[at]);
  if (!Number.isFinite(rate)) throw new Error(`ConsumerPerformance said: ${stdout}`);
  return rate;
}
