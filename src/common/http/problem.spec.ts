import { HttpException, ServiceUnavailableException } from '@nestjs/common';

import { MillraceError, type ErrorKind } from '../errors/millrace-error.js';
import { problemOf } from './problem.js';
import { HeadersTooLarge, MethodNotAllowed } from './request-errors.js';

class Anything extends MillraceError {
  readonly code = 'TEST.SOMETHING_HAPPENED';
  constructor(
    readonly kind: ErrorKind,
    details = {},
  ) {
    super('It happened.', details);
  }
}

const STATUSES: readonly (readonly [ErrorKind, number])[] = [
  ['invalid', 400],
  ['unauthenticated', 401],
  ['forbidden', 403],
  ['not-found', 404],
  ['method-not-allowed', 405],
  ['timeout', 408],
  ['conflict', 409],
  ['precondition-failed', 412],
  ['too-large', 413],
  ['unsupported-media-type', 415],
  ['overloaded', 429],
  ['internal', 500],
  ['unavailable', 503],
];

describe('problems', () => {
  it.each(STATUSES)('of the kind %s have the status %i', (kind, status) => {
    const problem = problemOf(new Anything(kind));
    expect(problem.status).toBe(status);
    expect(problem.body).toMatchObject({ status, code: 'TEST.SOMETHING_HAPPENED' });
    expect(problem.headers['content-type']).toBe('application/problem+json');
  });

  it('carry the details beside the members of RFC 9457, which details cannot replace', () => {
    expect(
      problemOf(new Anything('conflict', { id: 'a', status: 200, code: 'X' }), 'req_1').body,
    ).toEqual({
      type: 'urn:millrace:error:TEST.SOMETHING_HAPPENED',
      title: 'Something happened',
      status: 409,
      detail: 'It happened.',
      code: 'TEST.SOMETHING_HAPPENED',
      id: 'a',
      requestId: 'req_1',
    });
  });

  it('tell nothing of the inside', () => {
    const internal = problemOf(new Anything('internal', { secret: 'x' }));
    const unknown = problemOf(new Error('secret'));
    const thrown = problemOf('secret');
    for (const { body } of [internal, unknown, thrown]) {
      expect(JSON.stringify(body)).not.toMatch(/secret|It happened/);
    }
    expect(unknown.body.code).toBe('INTERNAL.UNEXPECTED');
    expect(thrown.status).toBe(500);
  });

  it('say when to come back, how to authenticate and what is allowed', () => {
    expect(problemOf(new Anything('overloaded')).headers['retry-after']).toBe('1');
    expect(problemOf(new Anything('unavailable')).headers['retry-after']).toBe('1');
    expect(problemOf(new Anything('invalid')).headers['retry-after']).toBeUndefined();
    expect(problemOf(new Anything('unauthenticated')).headers['www-authenticate']).toMatch(
      /^Bearer/,
    );
    expect(problemOf(new MethodNotAllowed(['GET', 'PUT'])).headers['allow']).toBe('GET, PUT');
    expect(problemOf(new HeadersTooLarge('')).status).toBe(431);
  });

  it("come of Nest's and Fastify's errors without their words", () => {
    const fastify = Object.assign(new Error('quoted input'), {
      code: 'FST_ERR_CTP_BODY_TOO_LARGE',
    });
    const wrapped = new HttpException('quoted input', 413, { cause: fastify });
    for (const error of [fastify, wrapped]) {
      expect(problemOf(error)).toMatchObject({ status: 413, body: { code: 'REQUEST.TOO_LARGE' } });
      expect(JSON.stringify(problemOf(error))).not.toContain('quoted');
    }
    expect(problemOf(new ServiceUnavailableException()).body.code).toBe('REQUEST.SHUTTING_DOWN');
    expect(problemOf(new HttpException('teapot', 418)).body.code).toBe('REQUEST.INVALID');
    expect(problemOf(new HttpException('bad gateway', 502)).status).toBe(500);
  });
});
