/** The filtered subscriptions of the demo, each with the same question asked of a payload here. */
const REPOSITORY = 'Codertocat/Hello-World';

export const subscriptions = [
  { name: 'everything', filter: null, matches: () => true },
  {
    name: 'issues',
    filter: { prefix: { type: 'issues.' } },
    matches: ({ type }) => type.startsWith('issues.'),
  },
  {
    name: 'one-repository',
    filter: { exact: { partitionkey: REPOSITORY } },
    matches: ({ key }) => key === REPOSITORY,
  },
  {
    name: 'not-public',
    filter: {
      any: [
        { data: { exact: { 'repository.private': true } } },
        { not: { data: { exists: { repository: true } } } },
      ],
    },
    matches: ({ body }) => {
      const { repository } = JSON.parse(body);
      return repository === undefined || repository.private === true;
    },
  },
];
