import { loadSettings } from '../config/load-settings.js';
import { greeting } from './greeting.js';

const facts = (env: Record<string, string>) => ({
  url: 'http://127.0.0.1:8080',
  requested: loadSettings({ MILLRACE_DATA_DIR: "/data/it's here", ...env }).settings,
  brokers: ['127.0.0.1:9092'],
  startedInMs: 1_234,
});

describe('the greeting', () => {
  it('shows the admin key at the start that made it', () => {
    const text = greeting({ ...facts({}), newAdminKey: 'mr_new' });
    expect(text).toContain('mr_new');
    expect(text).toContain('http://127.0.0.1:8080  (ready in 1.2 s)');
  });

  it('says later only where the key is', () => {
    expect(greeting(facts({}))).toContain("in /data/it's here/admin.key");
    const given = facts({ MILLRACE_ADMIN_KEY: `mr_${'k'.repeat(20)}` });
    expect(greeting(given)).not.toContain('kkkk');
  });

  it('quotes the path of the key for the shell', () => {
    expect(greeting(facts({}))).toContain(`$(cat '/data/it'\\''s here/admin.key')`);
  });

  it('has three lines to paste, each of them whole', () => {
    const curls = greeting(facts({}))
      .split('\n')
      .filter((line) => line.startsWith('  curl '));
    expect(curls).toHaveLength(3);
    for (const line of curls) expect(line).toContain('Authorization: Bearer $(cat');
  });
});
