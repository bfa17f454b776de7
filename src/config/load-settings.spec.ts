import { moduleNames } from '../kafka/contracts/module-names.js';
import { loadSettings } from './load-settings.js';
import { SettingInvalid } from './start-refused.js';

const settingsOf = (env: Record<string, string>) => loadSettings(env).settings;

describe('settings', () => {
  it('start with nothing set: all modules on 127.0.0.1:8080, with embedded servers', () => {
    const { settings, warnings } = loadSettings({});
    expect(settings).toMatchObject({
      http: { host: '127.0.0.1', port: 8080 },
      modules: moduleNames,
      logLevel: 'info',
      kafka: { ssl: false, prefix: 'millrace.', embeddedPort: 9092 },
      webhookAllowCidrs: [],
    });
    expect(settings.dataDir).toBe(`${process.cwd()}/.millrace`);
    expect(settings.databaseUrl).toBeUndefined();
    expect(settings.kafka.brokers).toBeUndefined();
    expect(settings.adminKey).toBeUndefined();
    expect(settings.encryptionKey).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it('take an empty value as not set', () => {
    expect(settingsOf({ MILLRACE_HTTP_PORT: '', DATABASE_URL: '  ' })).toEqual(settingsOf({}));
  });

  it('allow port 0, which means any free one', () => {
    const settings = settingsOf({ MILLRACE_HTTP_PORT: '0', MILLRACE_KAFKA_PORT: '0' });
    expect(settings.http.port).toBe(0);
    expect(settings.kafka.embeddedPort).toBe(0);
  });

  it('keep the chosen modules in the order of the platform, each once', () => {
    const settings = settingsOf({ MILLRACE_MODULES: 'streams, access,streams' });
    expect(settings.modules).toEqual(['access', 'streams']);
  });

  it('read an encryption key in hexadecimal and in base64 as the same 32 bytes', () => {
    const key = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7));
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      const settings = settingsOf({ MILLRACE_ENCRYPTION_KEY: key.toString(encoding) });
      expect(settings.encryptionKey).toEqual(key);
    }
  });

  it('give brokers their default port', () => {
    const settings = settingsOf({ KAFKA_BROKERS: 'a, b:9093,[::1]:9094' });
    expect(settings.kafka.brokers).toEqual(['a:9092', 'b:9093', '[::1]:9094']);
  });

  it('read credentials of a Kafka cluster', () => {
    const settings = settingsOf({
      KAFKA_BROKERS: 'kafka:9093',
      KAFKA_SSL: 'true',
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
      KAFKA_SASL_USERNAME: 'millrace',
      KAFKA_SASL_PASSWORD: 'secret',
    });
    expect(settings.kafka).toMatchObject({
      ssl: true,
      sasl: { mechanism: 'scram-sha-512', username: 'millrace', password: 'secret' },
    });
  });

  it.each([
    ['MILLRACE_HTTP_PORT', { MILLRACE_HTTP_PORT: '80a' }],
    ['MILLRACE_HTTP_PORT', { MILLRACE_HTTP_PORT: '65536' }],
    ['MILLRACE_HTTP_PORT', { MILLRACE_HTTP_PORT: '-1' }],
    ['MILLRACE_KAFKA_PORT', { MILLRACE_KAFKA_PORT: '1.5' }],
    ['MILLRACE_KAFKA_PREFIX', { MILLRACE_KAFKA_PREFIX: 'a b' }],
    ['MILLRACE_MODULES', { MILLRACE_MODULES: 'access,webhoks' }],
    ['MILLRACE_MODULES', { MILLRACE_MODULES: ',' }],
    ['MILLRACE_LOG_LEVEL', { MILLRACE_LOG_LEVEL: 'loud' }],
    ['MILLRACE_ADMIN_KEY', { MILLRACE_ADMIN_KEY: 'secret' }],
    ['MILLRACE_ENCRYPTION_KEY', { MILLRACE_ENCRYPTION_KEY: 'abcd' }],
    ['MILLRACE_WEBHOOK_ALLOW_CIDRS', { MILLRACE_WEBHOOK_ALLOW_CIDRS: '10.0.0.0/8,10.0.0.0/33' }],
    ['MILLRACE_WEBHOOK_ALLOW_CIDRS', { MILLRACE_WEBHOOK_ALLOW_CIDRS: '10.0.0.0' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://localhost/x' }],
    ['DATABASE_URL', { DATABASE_URL: 'localhost:5432' }],
    ['KAFKA_BROKERS', { KAFKA_BROKERS: 'kafka:9092:1' }],
    ['KAFKA_BROKERS', { KAFKA_BROKERS: 'kafka:0' }],
    ['KAFKA_SSL', { KAFKA_BROKERS: 'kafka', KAFKA_SSL: 'yes please' }],
    ['KAFKA_SSL', { KAFKA_SSL: 'true' }],
    ['KAFKA_SASL_PASSWORD', { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u' }],
    ['KAFKA_SASL_MECHANISM', { KAFKA_SASL_MECHANISM: 'gssapi' }],
  ])('refuse a wrong %s by its name: %p', (variable, env: Record<string, string>) => {
    let refused: unknown;
    try {
      loadSettings(env);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(SettingInvalid);
    expect(refused).toMatchObject({ variable });
    expect(String(refused)).toContain(variable);
    expect(String(refused)).not.toContain('\n');
  });

  it('never show a secret in a message', () => {
    const secret = 'hunter2-hunter2';
    for (const variable of ['MILLRACE_ADMIN_KEY', 'MILLRACE_ENCRYPTION_KEY', 'DATABASE_URL']) {
      expect(() => loadSettings({ [variable]: secret })).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining(secret) }),
      );
    }
  });

  it('warn of a variable that is none, with the name that was meant', () => {
    const { warnings } = loadSettings({
      MILLRACE_HTPP_PORT: '80',
      MILLRACE_SOMETHING_ELSE_ENTIRELY: '1',
      MILLRACE_TEST_KAFKA: 'for tests',
      OTHER: '1',
    });
    expect(warnings).toEqual([
      'MILLRACE_HTPP_PORT is not a setting and has no effect. Did you mean MILLRACE_HTTP_PORT?',
      'MILLRACE_SOMETHING_ELSE_ENTIRELY is not a setting and has no effect.',
    ]);
  });
});
