import { RouteTable } from './route-table.js';

describe('the table of routes', () => {
  const table = new RouteTable();
  table.add('GET', '/v1/topics/:topic');
  table.add(['PUT', 'DELETE'], '/v1/topics/:topic');
  table.add('GET', '/v1/topics/:topic/events');
  table.add('GET', '/files/*');
  table.add('GET', '/openapi.json');

  it.each([
    ['/v1/topics/a', ['DELETE', 'GET', 'PUT']],
    ['/v1/topics/a/', ['DELETE', 'GET', 'PUT']],
    ['/v1/topics/a.b/events', ['GET']],
    ['/files/a/b', ['GET']],
  ])('knows the methods of %s', (path, methods) => {
    expect(table.mismatch(path)?.allow).toEqual(methods);
  });

  it.each(['/v1/topics', '/v1/topics/', '/v1/topics/a/b', '/openapi_json', '/'])(
    'has no route %s',
    (path) => {
      expect(table.mismatch(path)).toBeUndefined();
    },
  );
});
