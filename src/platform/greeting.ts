import type { RequestedSettings } from '../config/settings.js';

/** What the person who started Millrace is told once it is ready. */
export interface GreetingFacts {
  readonly url: string;
  readonly requested: RequestedSettings;
  readonly brokers: readonly string[];
  /** Set at the start that made it. */
  readonly newAdminKey?: string;
  readonly startedInMs: number;
}

/** For single quotes in a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const keyFile = ({ dataDir }: RequestedSettings): string => `${dataDir}/admin.key`;

/** An expression of the shell that gives the key without showing it. */
function keyExpression(requested: RequestedSettings): string {
  return requested.adminKey === undefined
    ? `$(cat ${quoted(keyFile(requested))})`
    : '$MILLRACE_ADMIN_KEY';
}

function curlLines(url: string, requested: RequestedSettings): readonly string[] {
  const key = `-H "Authorization: Bearer ${keyExpression(requested)}"`;
  const json = `-H 'Content-Type: application/json'`;
  const subscription = `{"topic":"orders","kind":"stream","start":"earliest"}`;
  return [
    `curl -X PUT ${url}/v1/topics/orders ${key} ${json} -d '{}'`,
    `curl '${url}/v1/topics/orders/events?type=order.created&key=42' ${key} ${json} -d '{"total":12.5}'`,
    `curl -X PUT ${url}/v1/subscriptions/orders-stream ${key} ${json} -d '${subscription}' --next -N ${url}/v1/streams/orders-stream/events ${key}`,
  ];
}

function adminKeyLine({ requested, newAdminKey }: GreetingFacts): string {
  if (newAdminKey !== undefined) {
    return `${newAdminKey}  (shown this once; kept in ${keyFile(requested)})`;
  }
  return requested.adminKey === undefined ? `in ${keyFile(requested)}` : 'in MILLRACE_ADMIN_KEY';
}

/** The text of the greeting: where it listens, the key, and lines to paste into a shell. */
export function greeting(facts: GreetingFacts): string {
  const { url, requested, brokers, startedInMs } = facts;
  const embedded = (own: unknown): string => (own === undefined ? ' (embedded)' : '');
  const lines = [
    `Millrace listens on ${url}  (ready in ${(startedInMs / 1_000).toFixed(1)} s)`,
    '',
    `  Modules    ${requested.modules.join(', ')}`,
    `  Kafka      ${brokers.join(', ')}${embedded(requested.kafka.brokers)}`,
    `  Postgres   ${requested.databaseUrl === undefined ? 'embedded' : 'DATABASE_URL'}`,
    `  Data       ${requested.dataDir}`,
    `  Admin key  ${adminKeyLine(facts)}`,
    '',
    'Try it: create a topic, publish an event, read the stream (Ctrl-C ends it):',
    '',
    ...curlLines(url, requested).map((line) => `  ${line}\n`),
  ];
  return `\n${lines.join('\n')}\n`;
}
