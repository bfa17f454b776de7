import { usersFrom } from './parse-users.js';

const saltSecret = Buffer.alloc(32);
const MECHANISM = 'SCRAM-SHA-256';

describe('a name that nobody has', () => {
  it('has its keys no sooner than a user whose keys have yet to be made, and no later', async () => {
    const users = usersFrom({ ann: 'pass' }, saltSecret);
    const order: string[] = [];
    const keysOf = (name: string): Promise<unknown> =>
      users
        .scram(MECHANISM, name)
        .keys()
        .then(() => order.push(name));
    await Promise.all([keysOf('nobody'), keysOf('ann')]);
    expect(order).toEqual(['ann', 'nobody']);
    const made = users.scram(MECHANISM, 'nobody').keys();
    const turn = new Promise((resolve) => setImmediate(() => resolve('a turn of the event loop')));
    expect(await Promise.race([made, turn])).toMatchObject({ storedKey: expect.any(Buffer) });
  });

  it('leaves the keys of users as they are', async () => {
    const keysOf = (users = usersFrom({ ann: 'pass' }, saltSecret)) => ({
      ann: () => users.scram(MECHANISM, 'ann').keys(),
      nobody: () => users.scram(MECHANISM, 'nobody').keys(),
    });
    const tried = keysOf();
    await tried.nobody();
    expect(await tried.ann()).toEqual(await keysOf().ann());
  });

  it('has keys that nobody knows', async () => {
    const { keys } = usersFrom({ ann: 'pass' }, saltSecret).scram(MECHANISM, 'nobody');
    expect((await keys()).storedKey).not.toEqual((await keys()).storedKey);
  });
});
