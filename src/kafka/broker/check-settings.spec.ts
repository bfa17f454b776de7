import { checkSettings, InvalidSetting } from './check-settings.js';
import { DEFAULT_SETTINGS } from './settings.js';

const sasl = { users: { ann: 'one' } };

function refusalOf(settings: object): unknown {
  try {
    checkSettings(settings);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('the settings of a broker', () => {
  it.each<[string, object]>([
    ['none', {}],
    ['the defaults', DEFAULT_SETTINGS],
    ['undefined, which is not given', { fsync: undefined, groups: undefined, sasl: undefined }],
    ['a port that is told', { port: 65_535, host: '::1', advertisedHost: 'kafka.test' }],
    ['some of a group', { groups: { maxGroups: 3, maxBytes: undefined } }],
    ['a users file', { sasl: { usersFile: 'users', mechanisms: ['PLAIN'] } }],
    ['PEM as text and as bytes', { tls: { cert: 'a', key: Buffer.from('b'), clientCa: 'c' } }],
    ['no memory for recent records', { tailCacheBytes: 0 }],
  ])('may be: %s', (_, settings) => {
    expect(refusalOf(settings)).toBeUndefined();
  });

  it.each<[object, string, string]>([
    [{ fsync: 'allways' }, 'fsync', 'must be one of never, interval, always'],
    [{ partition: 3 }, 'partition', 'is no setting'],
    [{ groups: { maxSize: 3 } }, 'groups.maxSize', 'is no setting'],
    [{ groups: 3 }, 'groups', 'must be an object'],
    [{ groups: null }, 'groups', 'must be an object'],
    [{ port: '9092' }, 'port', 'must be a whole number from 0 to 65535'],
    [{ port: 65_536 }, 'port', 'must be a whole number from 0 to 65535'],
    [{ host: '' }, 'host', 'must be a text, and not empty'],
    [{ dataDir: '' }, 'dataDir', 'must be a text, and not empty'],
    [{ autoCreateTopics: 'no' }, 'autoCreateTopics', 'must be true or false'],
    [{ defaultPartitions: 0 }, 'defaultPartitions', 'must be a whole number from 1 to 10000'],
    [{ maxPartitions: 1.5 }, 'maxPartitions', 'must be a whole number from 1'],
    [{ maxHeldBytes: Number.NaN }, 'maxHeldBytes', 'must be a whole number from 1'],
    [{ cleanIntervalMs: 2_147_483_648 }, 'cleanIntervalMs', 'from 1 to 2147483647'],
    [{ transactions: { maxIds: 0 } }, 'transactions.maxIds', 'must be a whole number from 1'],
    [{ onFailure: 'console' }, 'onFailure', 'must be a function'],
    [{ topicDefaults: 'compact' }, 'topicDefaults', 'must be an object'],
    [
      { topicDefaults: { 'retention.ms': 60_000 } },
      "topicDefaults['retention.ms']",
      "must be a text, such as '60000'",
    ],
    [{ tls: {} }, 'tls.cert', 'must be PEM as text or bytes'],
    [{ tls: { cert: 'a' } }, 'tls.key', 'must be PEM as text or bytes'],
    [{ tls: { cert: 'a', key: 'b', ca: 'c' } }, 'tls.ca', 'is no setting'],
    [{ sasl: {} }, 'sasl', 'must have either users or usersFile'],
    [{ sasl: { ...sasl, usersFile: 'users' } }, 'sasl', 'must have either users or usersFile'],
    [{ sasl: { users: { a: 1 } } }, 'sasl.users', 'must be an object with a text for each user'],
    [{ sasl: { users: new Map([['a', 'b']]) } }, 'sasl.users', 'of which there is one at least'],
    [
      { sasl: { ...sasl, mechanisms: ['scram-sha-512'] } },
      'sasl.mechanisms',
      'must be one or more of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512',
    ],
    [{ sasl: { ...sasl, mechanisms: [] } }, 'sasl.mechanisms', 'must be one or more of'],
  ])('may not be: %j', (settings, setting, must) => {
    const refusal = refusalOf(settings);
    expect(refusal).toBeInstanceOf(InvalidSetting);
    expect(refusal).toMatchObject({ name: 'InvalidSetting', setting });
    expect(String(refusal)).toContain(must);
  });

  it('are an object', () => {
    expect(String(refusalOf([]))).toContain('must be an object');
  });

  it('are refused without what may be a secret', () => {
    const secret = { users: { ann: ['hunter2'] }, mechanisms: ['PLAIN'] };
    expect(String(refusalOf({ sasl: secret }))).not.toContain('hunter2');
  });
});
