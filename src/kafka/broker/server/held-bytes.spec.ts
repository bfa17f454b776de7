import { HeldBytes } from './held-bytes.js';

class Peer {
  heldBytes = 0;
  isEnded = false;

  constructor(private readonly held: HeldBytes) {}

  hold(bytes: number): void {
    this.heldBytes = bytes;
    this.held.update(this);
  }

  destroy(): void {
    this.isEnded = true;
  }
}

describe('the memory that connections hold', () => {
  it('is bounded by ending those that hold most', () => {
    const held = new HeldBytes(100);
    const peers = [20, 50, 30].map((bytes) => {
      const peer = new Peer(held);
      peer.hold(bytes);
      return peer;
    });
    expect(peers.map(({ isEnded }) => isEnded)).toEqual([false, false, false]);
    peers[0]!.hold(21);
    expect(peers.map(({ isEnded }) => isEnded)).toEqual([false, true, false]);
    peers[2]!.hold(80);
    expect(peers.map(({ isEnded }) => isEnded)).toEqual([false, true, true]);
  });

  it('is free again when a connection ends or lets go of it', () => {
    const held = new HeldBytes(100);
    const [first, second] = [new Peer(held), new Peer(held)];
    first.hold(90);
    first.hold(5);
    second.hold(90);
    held.remove(second);
    first.hold(100);
    expect([first.isEnded, second.isEnded]).toEqual([false, false]);
  });
});
