import type { Contract, JsonSchema } from '../../kafka/contracts/contract.js';

/** An AsyncAPI 3.0 document as plain JSON. */
export interface AsyncApiDocument {
  readonly asyncapi: '3.0.0';
  readonly info: Readonly<Record<string, unknown>>;
  readonly defaultContentType: string;
  readonly channels: Readonly<Record<string, unknown>>;
  readonly operations: Readonly<Record<string, unknown>>;
  readonly components: { readonly messages: Readonly<Record<string, unknown>> };
}

const PREFIX = {
  prefix: { description: 'Prefix of internal topics of this installation.', default: 'millrace.' },
};

const addressOf = (contract: Contract): string =>
  contract.kind === 'state' ? `{prefix}state.${contract.name}` : `{prefix}${contract.name}`;

const ref = (path: string) => ({ $ref: `#/${path}` });

const message = (contract: Contract, name: string, payload: JsonSchema) => ({
  name,
  title: name,
  summary: contract.description,
  tags: [{ name: contract.owner }, { name: contract.kind }],
  contentType: 'application/json',
  payload,
});

const channel = (address: string, description: string, messageName: string) => ({
  address,
  description,
  parameters: PREFIX,
  messages: { [messageName]: ref(`components/messages/${messageName}`) },
});

const replyChannelOf = (contract: Contract): string => `${contract.name}.reply`;

function messagesOf(contract: Contract): readonly (readonly [string, unknown])[] {
  const own = [contract.name, message(contract, contract.name, contract.schema)] as const;
  if (contract.kind !== 'request') return [own];
  const name = replyChannelOf(contract);
  return [own, [name, message(contract, name, contract.replySchema)]];
}

function channelsOf(contract: Contract): readonly (readonly [string, unknown])[] {
  const { name, description } = contract;
  const own = [name, channel(addressOf(contract), description, name)] as const;
  if (contract.kind !== 'request') return [own];
  const reply = replyChannelOf(contract);
  const address = { address: null, description: 'The topic that the request names for its reply.' };
  return [own, [reply, { ...address, messages: { [reply]: ref(`components/messages/${reply}`) } }]];
}

/** Seen from Millrace: it sends states and events, and receives requests. */
function operationOf(contract: Contract): readonly [string, unknown] {
  const base = {
    action: contract.kind === 'request' ? 'receive' : 'send',
    channel: ref(`channels/${contract.name}`),
    summary: contract.description,
    messages: [ref(`channels/${contract.name}/messages/${contract.name}`)],
  };
  if (contract.kind !== 'request') return [contract.name, base];
  const replyName = replyChannelOf(contract);
  const reply = {
    address: { location: '$message.header#/kafka_replyTopic' },
    channel: ref(`channels/${replyName}`),
    messages: [ref(`channels/${replyName}/messages/${replyName}`)],
  };
  return [contract.name, { ...base, reply }];
}

/** The Kafka side of Millrace (AsyncAPI 3.0), from the contracts between its modules. */
export function asyncApiDocument(contracts: readonly Contract[]): AsyncApiDocument {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Millrace over Kafka',
      version: '1',
      description:
        'State topics, domain events and commands. Commands marked public take an API key in the header `authorization`.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(contracts.flatMap(channelsOf)),
    operations: Object.fromEntries(contracts.map(operationOf)),
    components: { messages: Object.fromEntries(contracts.flatMap(messagesOf)) },
  };
}
