import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

import type { Target } from './load.js';

/** A bug planted between client and Millrace; undefined answers are passed on unchanged. */
export interface Plant {
  /** May answer a publish itself, so that it never reaches Millrace. */
  publish?(count: number): unknown;
  /** May change what a read answers. */
  read?(events: readonly unknown[]): readonly unknown[];
}

/** Forwards to Millrace and lies as it is told: what the checker must find out. */
export class LyingProxy {
  private published = 0;

  private constructor(
    private readonly server: Server,
    readonly target: Target,
  ) {}

  static async start(behind: Target, plant: Plant): Promise<LyingProxy> {
    const server = createServer((request, response) => {
      proxy.forward(behind, plant, request, response).catch((error: unknown) => {
        response.writeHead(502).end(String(error));
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const proxy = new LyingProxy(server, {
      url: `http://127.0.0.1:${port}`,
      adminKey: behind.adminKey,
    });
    return proxy;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => {
      this.server.close(resolve);
    });
  }

  private async forward(
    behind: Target,
    plant: Plant,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const body = await buffer(request);
    if (request.method === 'POST') {
      const lie = plant.publish?.((this.published += 1));
      if (lie !== undefined) {
        response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify(lie));
        return;
      }
    }
    const { host: _, 'content-length': __, connection: ___, ...headers } = request.headers;
    const answer = await fetch(behind.url! + request.url!, {
      method: request.method!,
      headers: headers as Record<string, string>,
      body: request.method === 'GET' ? null : body,
    });
    const text = await answer.text();
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(request.method === 'GET' && answer.ok ? this.changed(text, plant) : text);
  }

  private changed(text: string, plant: Plant): string {
    const poll = JSON.parse(text) as { readonly events: readonly unknown[] };
    return JSON.stringify({ ...poll, events: plant.read?.(poll.events) ?? poll.events });
  }
}
