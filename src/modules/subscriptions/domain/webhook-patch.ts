import { mergePatch } from './merge-patch.js';
import type { WebhookDefinition, WebhookInput } from './webhook-definition.js';
import { lowerCaseNames } from './webhook-headers.js';

/**
 * What a JSON Merge Patch (RFC 7396) makes of a definition; header names match in any case.
 * @param patch undefined keeps all, null takes all away
 */
export function patchWebhook(
  present: WebhookDefinition | null,
  patch: WebhookInput | null | undefined,
): WebhookInput | null {
  if (patch === undefined) return present;
  const headers = patch?.headers;
  const named = headers ? { ...patch, headers: lowerCaseNames(headers) } : patch;
  return mergePatch(present, named) as WebhookInput | null;
}
