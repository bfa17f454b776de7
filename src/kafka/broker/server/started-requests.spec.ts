import { StartedRequests } from './started-requests.js';

const response = (text: string): readonly Buffer[] => [Buffer.from(text)];
const texts = (buffers: readonly Buffer[]): readonly string[] => buffers.map(String);

describe('requests that are being answered', () => {
  it('have their responses leave in the order in which they came', () => {
    const started = new StartedRequests();
    const [a, b, c] = [started.add(true, 1), started.add(true, 10), started.add(true, 100)];
    expect(texts(started.answer(c, response('c')))).toEqual([]);
    expect(texts(started.answer(b, []))).toEqual([]);
    expect([started.count, started.heldBytes]).toEqual([3, 111]);
    expect(texts(started.answer(a, response('a')))).toEqual(['a', 'c']);
    expect([started.count, started.heldBytes]).toEqual([0, 0]);
  });

  it('are answered as far as one that cannot be', () => {
    const started = new StartedRequests();
    const [a, b, c] = [started.add(true, 1), started.add(true, 10), started.add(true, 100)];
    started.answer(c, response('c'));
    started.drop(b);
    started.drop(c);
    expect([started.count, started.heldBytes]).toEqual([1, 1]);
    expect(texts(started.answer(c, response('c')))).toEqual([]);
    expect(texts(started.answer(a, response('a')))).toEqual(['a']);
    expect(texts(started.answer(b, response('b')))).toEqual([]);
  });

  it('overlap where all of them may, and so many at most', () => {
    const started = new StartedRequests();
    expect(started.mayAdd(false)).toBe(true);
    const alone = started.add(false, 1);
    expect(started.mayAdd(true)).toBe(false);
    started.answer(alone, []);
    for (let i = 0; i < 16; i++) {
      expect(started.mayAdd(true)).toBe(true);
      started.add(true, 1);
      expect(started.mayAdd(false)).toBe(false);
    }
    expect(started.mayAdd(true)).toBe(false);
  });
});
