import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptSaltSecret } from './salt-secret.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'salt-secret-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('the secret that salts are made from', () => {
  it('is the same at each start, and another in another directory', async () => {
    const secret = await keptSaltSecret(directory);
    expect(secret).toHaveLength(32);
    expect(await keptSaltSecret(directory)).toEqual(secret);
    await rm(join(directory, 'sasl-salt-secret'));
    expect(await keptSaltSecret(directory)).not.toEqual(secret);
  });

  it('is made anew where a crash has left a part of it', async () => {
    await writeFile(join(directory, 'sasl-salt-secret'), 'part');
    const secret = await keptSaltSecret(directory);
    expect(secret).toHaveLength(32);
    expect(await keptSaltSecret(directory)).toEqual(secret);
  });
});
