import { AssertionError } from 'node:assert';
import { QueryFailedError } from 'typeorm';
import { DatabaseUnavailable, translateDatabaseError } from './database.errors.js';

const withCode = (message: string, code: string, more: object = {}) =>
  Object.assign(new Error(message), { code, ...more });

describe('errors of Postgres', () => {
  it.each([
    ['a refused connection', withCode('refused', 'ECONNREFUSED', { syscall: 'connect' })],
    ['a reset connection', withCode('reset', 'ECONNRESET', { syscall: 'read' })],
    [
      'several refused addresses',
      new AggregateError([withCode('', 'ECONNREFUSED', { syscall: 'connect' })]),
    ],
    ['a session ended by an administrator', withCode('terminating', '57P01')],
    ['a server that starts', withCode('the database system is starting up', '57P03')],
    ['a statement that took too long', withCode('canceling statement', '57014')],
    ['too many connections', withCode('sorry, too many clients already', '53300')],
    ['a connection that went away', new Error('Connection terminated unexpectedly')],
    ['a pool that is busy', new Error('timeout exceeded when trying to connect')],
    ['a server that is frozen', new Error('Query read timeout')],
    [
      "TypeORM's wrapping of any of them",
      new QueryFailedError('SELECT 1', [], withCode('x', '57P01')),
    ],
  ])('call the database unavailable after %s', (_, error) => {
    const translated = translateDatabaseError(error);
    expect(translated).toBeInstanceOf(DatabaseUnavailable);
    expect(translated).toMatchObject({ kind: 'unavailable', retryAfterSeconds: 1, cause: error });
  });

  it.each([
    ['a duplicate', new QueryFailedError('INSERT', [], withCode('duplicate', '23505'))],
    ['a mistake in SQL', withCode('syntax error', '42601')],
    ['a file that is not there', withCode('no such file', 'ENOENT')],
    ['a bug', new AssertionError({ message: 'wrong' })],
    ['an error that has been translated', new DatabaseUnavailable()],
    ['no error at all', 'text'],
  ])('are left as they are: %s', (_, error) => {
    expect(translateDatabaseError(error)).toBe(error);
  });
});
