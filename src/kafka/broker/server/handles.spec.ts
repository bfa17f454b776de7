import { connectionsWithin } from './handles.js';

describe('connections that a process can afford', () => {
  it.each([
    [256, 128],
    [1_024, 512],
    [20_000, 19_000],
    [Infinity, Infinity],
  ])('are, of %d handles, %d', (handles, connections) => {
    expect(connectionsWithin(handles)).toBe(connections);
  });
});
