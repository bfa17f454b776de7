import { freshDatabase, type TestDatabase } from '../../support/fresh-database.js';
import { ToyApp } from './support/toy-app.js';
import { ask } from './support/toy-contracts.js';

describe('requests between modules', () => {
  let database: TestDatabase;
  let toy: ToyApp;

  beforeAll(async () => {
    database = await freshDatabase();
    toy = await ToyApp.start({ databaseUrl: database.url, prefix: `${database.name}.` });
  });

  afterAll(async () => {
    await toy.stop();
    await database.drop();
  });

  it('are answered', async () => {
    expect(await toy.client.request(ask, { text: 'x' })).toEqual({ text: 'heard x' });
  });
});
