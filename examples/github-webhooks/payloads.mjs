/** Real webhook payloads of GitHub, as the package @octokit/webhooks-examples collects them. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * @typedef {object} Payload
 * @property {string} type event, then action: `issues.opened`
 * @property {string} key what keeps its order: repository, else organisation, else sender
 * @property {string} body the JSON text that is sent, byte by byte
 * @property {string} name GitHub's event name
 * @property {string | undefined} action
 */

const keyOf = (payload) =>
  payload.repository?.full_name ?? payload.organization?.login ?? payload.sender?.login ?? 'github';

/** All payloads, in the package's order. @returns {Payload[]} */
export function loadPayloads() {
  const events = require('@octokit/webhooks-examples');
  return events.flatMap(({ name, examples }) =>
    examples.map((payload) => ({
      name,
      action: payload.action,
      type: payload.action ? `${name}.${payload.action}` : name,
      key: keyOf(payload),
      body: JSON.stringify(payload),
    })),
  );
}
