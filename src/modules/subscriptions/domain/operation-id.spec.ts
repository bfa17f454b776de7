import { kindOfOperation, newOperationId } from './operation-id.js';

describe("an operation's id", () => {
  it('tells the kind whose module runs it, and is new each time', () => {
    expect(kindOfOperation(newOperationId('webhook'))).toBe('webhook');
    expect(newOperationId('webhook')).not.toBe(newOperationId('webhook'));
  });

  it.each([
    [''],
    ['op-webhook-'],
    ['op-webhook-1'],
    [newOperationId('webhook').replace('webhook', 'pigeon')],
    [`${newOperationId('webhook')}0`],
    [newOperationId('webhook').toUpperCase()],
  ])('is not %j', (id) => {
    expect(kindOfOperation(id)).toBeUndefined();
  });
});
