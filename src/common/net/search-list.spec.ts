import { candidatesOf, parseSearchList } from './search-list.js';

describe('the search list of resolv.conf', () => {
  const kubernetes = parseSearchList(
    'search web.svc.cluster.local svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
  );
  const docker = parseSearchList('nameserver 127.0.0.11\nsearch .\noptions edns0 ndots:0\n');

  it.each([
    ['hooks', kubernetes, ['hooks.web.svc.cluster.local', 'hooks.svc.cluster.local', 'hooks']],
    [
      'hooks.example.com',
      kubernetes,
      [
        'hooks.example.com.web.svc.cluster.local',
        'hooks.example.com.svc.cluster.local',
        'hooks.example.com',
      ],
    ],
    ['hooks.example.com.', kubernetes, ['hooks.example.com.']],
    ['hooks', docker, ['hooks']],
    [
      'hooks',
      parseSearchList('domain first.test\nsearch second.test'),
      ['hooks.second.test', 'hooks'],
    ],
    ['a.b', parseSearchList('search corp.test'), ['a.b', 'a.b.corp.test']],
    ['hooks', parseSearchList(''), ['hooks']],
  ])('completes %s as the C library does', (name, list, candidates) => {
    expect(candidatesOf(name, list)).toEqual(candidates);
  });
});
