import { UnreadBytes } from './unread-bytes.js';

describe('bytes that were written', () => {
  it('are told once, when all of their append may be read', () => {
    const unread = new UnreadBytes();
    unread.wrote(5, 500);
    unread.wrote(7, 70);
    expect(unread.readableTo(4)).toBe(0);
    expect(unread.readableTo(5)).toBe(500);
    expect(unread.readableTo(5)).toBe(0);
    unread.wrote(9, 9);
    expect(unread.readableTo(9)).toBe(79);
  });

  it('are forgotten where they were cut off and others took their place', () => {
    const unread = new UnreadBytes();
    unread.wrote(5, 500);
    unread.wrote(50, 5_000);
    unread.wrote(6, 6);
    expect(unread.readableTo(6)).toBe(506);
    expect(unread.readableTo(100)).toBe(0);
  });
});
