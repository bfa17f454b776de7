import { randomBytes } from 'node:crypto';

import type { Installation } from './installation.js';

/** An answer with its body already read. */
export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** What a call may set beside method and path. */
export interface CallOptions {
  readonly key?: string | null;
  readonly json?: unknown;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where an event was stored, as publish answers it. */
export interface Published {
  readonly id: string;
  readonly messageId: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A name that no other test has. */
export const uniqueName = (prefix: string): string => `${prefix}-${randomBytes(5).toString('hex')}`;

/** Millrace's REST interface for tests: calls, and the few shapes that all stories need. */
export class MillraceClient {
  constructor(
    readonly installation: Installation,
    private readonly key: string = installation.adminKey,
  ) {}

  /** The same installation seen with another key. */
  as(key: string): MillraceClient {
    return new MillraceClient(this.installation, key);
  }

  async call<Body = Record<string, unknown>>(
    method: string,
    path: string,
    { key = this.key, json, body, headers = {} }: CallOptions = {},
  ): Promise<Answer<Body>> {
    const answer = await fetch(this.installation.url(method, path), {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: json === undefined ? body : JSON.stringify(json),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: (text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : { text }) as Body,
    };
  }

  /** A call that must succeed. */
  async must<Body = Record<string, unknown>>(
    method: string,
    path: string,
    options?: CallOptions,
  ): Promise<Body> {
    const answer = await this.call<Body>(method, path, options);
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Makes a topic and tells its name. */
  async createTopic(topic: Record<string, unknown> = {}, name = uniqueName('topic')) {
    await this.must('PUT', `/v1/topics/${name}`, { json: topic });
    return name;
  }

  /** Makes a stream subscription and tells its id. */
  async createStream(topic: string, more: Record<string, unknown> = {}): Promise<string> {
    const id = uniqueName('stream');
    await this.must('POST', '/v1/subscriptions', {
      json: { id, topic, kind: 'stream', start: 'earliest', ...more },
    });
    return id;
  }

  /** Makes a webhook subscription to an address and tells its id. */
  async createWebhook(
    topic: string,
    webhook: Readonly<Record<string, unknown>>,
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    const id = uniqueName('webhook');
    await this.must('POST', '/v1/subscriptions', {
      json: { id, topic, kind: 'webhook', webhook, ...more },
    });
    return id;
  }

  /** Makes a key and tells it. */
  async createKey(rights: Record<string, unknown>): Promise<string> {
    const { key } = await this.must<{ key: string }>('POST', '/v1/keys', {
      json: { id: uniqueName('key'), ...rights },
    });
    return key;
  }

  /** Publishes plain JSON; `query` may name type, key, id, source and subject. */
  async publish(
    topic: string,
    data: unknown,
    query: Readonly<Record<string, string>> = {},
  ): Promise<Published> {
    const search = new URLSearchParams(query).toString();
    return this.must<Published>('POST', `/v1/topics/${topic}/events${search ? `?${search}` : ''}`, {
      json: data,
    });
  }
}
