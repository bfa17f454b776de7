import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { brokerAddress } from './broker.js';
import { FLAGS, type Java } from './java.js';
import type { JavaClient } from './java-clients.js';
import { madeReady } from './made-ready.js';

/** Kafka's tools by the names of their scripts, as classes. */
const TOOLS = {
  'kafka-broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  'kafka-cluster': 'org.apache.kafka.tools.ClusterTool',
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'kafka-consumer-perf-test': 'org.apache.kafka.tools.ConsumerPerformance',
  'kafka-delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-e2e-latency': 'org.apache.kafka.tools.EndToEndLatency',
  'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'kafka-groups': 'org.apache.kafka.tools.GroupsCommand',
  'kafka-log-dirs': 'org.apache.kafka.tools.LogDirsCommand',
  'kafka-metadata-quorum': 'org.apache.kafka.tools.MetadataQuorumCommand',
  'kafka-producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
  'kafka-transactions': 'org.apache.kafka.tools.TransactionsCommand',
  'kafka-verifiable-consumer': 'org.apache.kafka.tools.VerifiableConsumer',
  'kafka-verifiable-producer': 'org.apache.kafka.tools.VerifiableProducer',
} as const;

export type ToolName = keyof typeof TOOLS;

/** How a tool ended: its exit code, and what it wrote. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** kafka-cluster alone wants its subcommand first. */
function withBroker(tool: ToolName, args: readonly string[]): readonly string[] {
  const broker = ['--bootstrap-server', brokerAddress()];
  return tool === 'kafka-cluster' ? [...args, ...broker] : [...broker, ...args];
}

/** Kafka's command-line tools, which share one JVM. */
export class Tools {
  private constructor(private readonly client: JavaClient) {}

  static async open(java: Java): Promise<Tools> {
    return new Tools(await java.tools());
  }

  /** Runs a tool on the broker, whatever it ends with. */
  run(tool: ToolName, args: readonly string[], stdin = ''): Promise<Ran> {
    return this.client.call('run', { main: TOOLS[tool], args: withBroker(tool, args), stdin });
  }

  /** What a tool prints that must end with 0. */
  async print(tool: ToolName, args: readonly string[], stdin = ''): Promise<string> {
    const ran = await this.run(tool, args, stdin);
    if (ran.code !== 0) throw new Error(`${tool} ended with ${ran.code}: ${ran.out} ${ran.err}`);
    return ran.out;
  }
}

/** Runs a tool in a JVM of its own, for one that has work left when its main has returned. */
export async function runAlone(tool: ToolName, args: readonly string[]): Promise<Ran> {
  const flags = [...FLAGS, '-cp', madeReady('MILLRACE_CLIENTS_CLASSPATH')];
  const child = spawn('java', [...flags, TOOLS[tool], ...withBroker(tool, args)]);
  const ended = new Promise<number>((resolve) => {
    child.once('close', (code) => resolve(code ?? -1));
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, out, err };
}

/** What a tool printed, line by line. */
export const lines = (printed: string): readonly string[] => printed.trim().split('\n');
