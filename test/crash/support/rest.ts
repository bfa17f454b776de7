import type { Target } from './load.js';

/**
 * Calls REST with the admin key and gives the body that it answers.
 * @throws Error when it answers otherwise than with 2xx, or not at all
 */
export async function call<Body = unknown>(
  target: Target,
  method: string,
  path: string,
  json?: unknown,
): Promise<Body> {
  const answer = await fetch(target.url + path, {
    method,
    headers: {
      authorization: `Bearer ${target.adminKey}`,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: json === undefined ? undefined : JSON.stringify(json),
    signal: AbortSignal.timeout(15_000),
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Body;
}
