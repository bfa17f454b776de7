import { MethodNotAllowed } from './request-errors.js';

/** A route's URL (find-my-way syntax: `:name`, `*`) as a pattern over request paths. */
function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((part) => {
      if (part === '*') return '.*';
      if (part.startsWith(':')) return '[^/]+';
      return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('/');
  return new RegExp(`^${source}/?$`);
}

/** Which methods each path of a server has: tells a wrong method (405) from a wrong path (404). */
export class RouteTable {
  private readonly routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();

  /** Called for every route that Fastify registers. */
  add(methods: string | readonly string[], url: string): void {
    let route = this.routes.get(url);
    if (!route) {
      route = { pattern: patternOf(url), methods: new Set() };
      this.routes.set(url, route);
    }
    for (const method of [methods].flat()) route.methods.add(method);
  }

  /** The error for a path that exists with other methods; undefined when no route has the path. */
  mismatch(path: string): MethodNotAllowed | undefined {
    const allowed = new Set<string>();
    for (const { pattern, methods } of this.routes.values()) {
      if (pattern.test(path)) for (const method of methods) allowed.add(method);
    }
    return allowed.size > 0 ? new MethodNotAllowed([...allowed].sort()) : undefined;
  }
}
