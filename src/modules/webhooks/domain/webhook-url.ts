import { WebhookUrlInvalid } from './webhooks.errors.js';

/** Longest URL that webhooks are sent to, in characters. */
export const maxUrlLength = 2_048;

const fault = (text: string): string | undefined => {
  if (text.length > maxUrlLength) return `must have at most ${maxUrlLength} characters`;
  // A WHATWG URL would lose blanks and repair what is missing here, and mean another place.
  if (!/^https?:\/\/[^/?#\\]/i.test(text)) return 'must begin with http:// or https:// and a host';
  // oxlint-disable-next-line no-control-regex -- that is what must not be in it
  if (/[\u0000-\u0020\u007f\\]/.test(text)) return 'must have no blanks, controls or backslashes';
  if (text.includes('#')) return 'must have no fragment';
  return URL.canParse(text) ? undefined : 'must be a URL';
};

const faultOfUrl = (url: URL): string | undefined => {
  if (url.username !== '' || url.password !== '') return 'must have no user and password';
  if (url.port === '0') return 'must have a port that can be connected to';
  return url.href.length > maxUrlLength
    ? `must have at most ${maxUrlLength} characters`
    : undefined;
};

/**
 * Reads the URL of a webhook: http or https (WHATWG URL Standard), without credentials and
 * fragment. Whether its host may be reached is for AddressGuard to say.
 * @throws WebhookUrlInvalid
 */
export function parseWebhookUrl(text: string): URL {
  const wrong = fault(text);
  if (wrong !== undefined) throw new WebhookUrlInvalid(`A webhook's URL ${wrong}.`);
  const url = new URL(text);
  const wrongUrl = faultOfUrl(url);
  if (wrongUrl !== undefined) throw new WebhookUrlInvalid(`A webhook's URL ${wrongUrl}.`);
  return url;
}
