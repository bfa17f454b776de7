import type { SchemaSubject } from './event-schema.js';
import { firstRevision, nextRevision } from './schema-revision.js';

const identity = {
  uid: 'u',
  topicUid: 't',
  topic: 'orders',
  type: 'made',
  createdAt: new Date(0),
};
const string = { type: 'string', minLength: 1 };
const first = firstRevision(identity, { schema: string, compatibility: 'BACKWARD' });
const never = (): boolean => {
  throw new Error('not asked');
};
const next = (wish: Parameters<typeof nextRevision>[1], subject: SchemaSubject = first) =>
  nextRevision(subject, wish, never);

describe('schema revisions', () => {
  it('begins with version 1 and no promise', () => {
    expect(firstRevision(identity, { schema: true })).toMatchObject({
      newest: 1,
      compatibility: 'NONE',
    });
  });

  it('stays the same for the same schema in another order of members', () => {
    expect(next({ schema: { minLength: 1, type: 'string' } })).toBe(first);
    expect(next({ schema: string, version: 1 })).toBe(first);
  });

  it('adds a version for another schema', () => {
    const schema = { type: ['string', 'null'] };
    expect(next({ schema })).toMatchObject({ schema, newest: 2, version: 2 });
    expect(next({ schema, version: 2 })).toMatchObject({ newest: 2 });
  });

  it('changes the mode without a new version', () => {
    expect(next({ schema: string, compatibility: 'FULL' })).toMatchObject({
      compatibility: 'FULL',
      newest: 1,
      version: 2,
    });
  });

  it('judges by the mode that the request brings', () => {
    const schema = { type: 'number' };
    expect(() => next({ schema })).toThrow(
      expect.objectContaining({ code: 'CATALOG.INCOMPATIBLE_SCHEMA' }),
    );
    expect(next({ schema, compatibility: 'NONE' })).toMatchObject({ newest: 2 });
  });

  it('never replaces a version nor leaves one out', () => {
    const conflict = expect.objectContaining({ code: 'CATALOG.SCHEMA_VERSION_CONFLICT' }) as Error;
    expect(() => next({ schema: true, version: 1 })).toThrow(conflict);
    expect(() => next({ schema: true, version: 3 })).toThrow(conflict);
    expect(() => next({ schema: string, version: 2 })).toThrow(conflict);
    expect(() => firstRevision(identity, { schema: true, version: 2 })).toThrow(conflict);
  });

  it('takes no mode that could not judge the schema', () => {
    const undecidable = expect.objectContaining({
      code: 'CATALOG.COMPATIBILITY_UNDECIDABLE',
    }) as Error;
    const schema = { oneOf: [string] };
    const subject = firstRevision(identity, { schema });
    expect(() => firstRevision(identity, { schema, compatibility: 'FULL' })).toThrow(undecidable);
    expect(() => next({ schema, compatibility: 'BACKWARD' }, subject)).toThrow(undecidable);
    expect(() => next({ schema: string, compatibility: 'FORWARD' }, subject)).toThrow(undecidable);
  });
});
