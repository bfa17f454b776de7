import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

import { BodyBudget } from './body-budget.js';
import { TooManyBodies } from './request-errors.js';

const bodyOf = (length?: number): IncomingMessage => {
  const body = new IncomingMessage(new Socket());
  if (length !== undefined) body.headers['content-length'] = String(length);
  return body;
};

describe('the budget of bodies', () => {
  it('promises what bodies say they take, and takes it back when they are over', () => {
    const budget = new BodyBudget(100);
    const release = budget.admit(bodyOf(60));
    expect(() => budget.admit(bodyOf(60))).toThrow(TooManyBodies);
    budget.admit(bodyOf(40));
    expect(budget.heldBytes).toBe(100);
    release();
    expect(budget.heldBytes).toBe(40);
    budget.admit(bodyOf(60));
  });

  it('leaves a body that can never fit to its route’s limit', () => {
    const budget = new BodyBudget(100);
    budget.admit(bodyOf(1_000))();
    expect(budget.heldBytes).toBe(0);
  });

  it('counts a body that does not say its length, and tells its reader when there is no room', () => {
    const budget = new BodyBudget(100);
    const body = bodyOf();
    const release = budget.admit(body);
    const told: unknown[] = [];
    body.on('error', (error) => told.push(error));
    body.emit('data', Buffer.alloc(90));
    expect(budget.heldBytes).toBe(90);
    body.emit('data', Buffer.alloc(20));
    expect(told).toEqual([expect.any(TooManyBodies)]);
    release();
    expect(budget.heldBytes).toBe(0);
  });
});
