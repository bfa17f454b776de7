import { MalformedUrl } from './request-errors.js';

/**
 * What is wrong with a request's URL beyond what the router checks: a query with a broken or
 * non-UTF-8 escape would reach routes half decoded, and no text in Postgres or in an attribute of
 * an event may hold a NUL.
 */
export function urlFault(url: string): MalformedUrl | undefined {
  if (!url.includes('%')) return undefined;
  if (url.includes('%00')) return new MalformedUrl('The URL has a NUL character.');
  try {
    decodeURIComponent(url.slice(url.indexOf('?') + 1));
    return undefined;
  } catch {
    return new MalformedUrl('The URL has a % escape that is not UTF-8.');
  }
}
