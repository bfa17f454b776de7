/** Whether a process owns a route; the query does not matter. */
export type Route = (method: string, path: string) => boolean;

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

const toRoute = (method: string, template: string): Route => {
  const pattern = new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
  return (asked, path) => asked.toLowerCase() === method && pattern.test(path.split('?')[0]!);
};

/** The routes that a process serves, from its OpenAPI document. */
export async function routesOf(url: string, key: string): Promise<readonly Route[]> {
  const answer = await fetch(`${url}/openapi.json`, {
    headers: { authorization: `Bearer ${key}` },
  });
  if (!answer.ok) throw new Error(`/openapi.json answered ${answer.status}`);
  const { paths } = (await answer.json()) as { paths: Record<string, Record<string, unknown>> };
  return Object.entries(paths).flatMap(([template, operations]) =>
    METHODS.filter((method) => method in operations).map((method) => toRoute(method, template)),
  );
}
