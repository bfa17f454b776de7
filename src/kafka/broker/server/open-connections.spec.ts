import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';
import { OpenConnections } from './open-connections.js';

/** Sockets of one address, as far as they matter here: 'close' comes when the test emits it. */
class FakeSocket extends EventEmitter {
  readonly remoteAddress = '127.0.0.1';
  readonly localAddress = '127.0.0.1';
  destroyed = false;

  constructor(readonly remotePort: number) {
    super();
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('destroyed');
  }
}

const asSocket = (socket: FakeSocket): Socket => socket as unknown as Socket;

function opened({ max = 10, maxStrangerMs = 600_000 } = {}) {
  const ended: string[] = [];
  const onEnded = (error: Error): void => void ended.push(error.name);
  const connections = new OpenConnections({ max, maxStrangerMs, onEnded });
  const add = (port: number): FakeSocket => {
    const socket = new FakeSocket(port);
    connections.add(asSocket(socket));
    return socket;
  };
  return { connections, add, ended };
}

describe('open connections', () => {
  it('have a peer that comes again before its former connection has closed', async () => {
    const { connections, add, ended } = opened({ maxStrangerMs: 20 });
    const former = add(1);
    const next = add(1);
    connections.know(asSocket(next));
    former.emit('close');
    // Later than the deadlines of both would be.
    await once(add(2), 'destroyed');
    expect(former.destroyed).toBe(true);
    expect(next.destroyed).toBe(false);
    expect(ended).toEqual(['NotAuthenticated']);
    connections.endAll();
    expect(next.destroyed).toBe(true);
  });

  it('do not take one for late that has gone before its time', async () => {
    const { add, ended } = opened({ maxStrangerMs: 20 });
    const [former, next] = [add(1), add(1)];
    next.emit('close');
    former.emit('close');
    await once(add(2), 'destroyed');
    expect(ended).toEqual(['NotAuthenticated']);
  });

  it('let go whoever has waited longest, and count one that came again once', () => {
    const { connections, add, ended } = opened({ max: 2 });
    const known = add(1);
    connections.know(asSocket(known));
    add(2);
    const again = add(2);
    expect(ended).toEqual([]);
    const last = add(3);
    expect(ended).toEqual(['TooManyConnections']);
    expect([known, again, last].map(({ destroyed }) => destroyed)).toEqual([false, true, false]);
    connections.endAll();
  });
});
