/** A receiver of signed webhooks, with nothing but node:http and the package standardwebhooks. */
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

/** The body as it came: a signature covers bytes, so they are parsed after it was verified. */
async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Whether the request comes from who knows the secret, and was signed in the last five minutes. */
function isAuthentic(webhook, request, body) {
  try {
    webhook.verify(body, request.headers);
    return true;
  } catch {
    return false;
  }
}

/**
 * Receives webhooks on a free port of 127.0.0.1: verifies each signature before anything else, then
 * asks the endpoint which status to answer.
 */
export class Receiver {
  #endpoints = new Map();
  #server = createServer((request, response) => {
    this.#receive(request, response).catch(() => response.destroy());
  });

  async listen() {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  urlOf(name) {
    return `http://127.0.0.1:${this.#server.address().port}/${name}`;
  }

  /**
   * @param name the path's only part
   * @param secret `whsec_…`, as GET /v1/subscriptions/{id}/secret tells it
   * @param endpoint `onWebhook({ id, headers, body })` gives a status, or undefined to leave the
   *   request without an answer; `onForged()` hears of requests that did not verify
   */
  add(name, secret, endpoint) {
    this.#endpoints.set(`/${name}`, { webhook: new Webhook(secret), endpoint });
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #receive(request, response) {
    const body = await bodyOf(request);
    const found = this.#endpoints.get(request.url);
    if (!found) return response.writeHead(404).end();
    if (!isAuthentic(found.webhook, request, body)) {
      found.endpoint.onForged();
      return response.writeHead(401).end();
    }
    const { headers } = request;
    const status = found.endpoint.onWebhook({ id: headers['webhook-id'], headers, body });
    if (status !== undefined) response.writeHead(status).end();
  }
}
