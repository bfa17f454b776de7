/**
 * A crowd of peers in a process of its own: opens as many connections as its arguments say (port,
 * number), reports `{ opened }` to its parent, and `{ closed }` once the other side has let go of all.
 * They say and read nothing.
 */
import { connect } from 'node:net';

const [port, count] = process.argv.slice(2).map(Number);
/** More at a time than the listener's backlog takes would wait for its resends. */
const AT_A_TIME = 200;

let closed = 0;
for (let opened = 0; opened < count; opened += AT_A_TIME) {
  await Promise.all(
    Array.from(
      { length: Math.min(AT_A_TIME, count - opened) },
      () =>
        new Promise((resolve, reject) => {
          const socket = connect({ host: '127.0.0.1', port }, resolve);
          socket.on('error', reject);
          socket.on('close', () => {
            closed += 1;
            if (closed === count) process.send({ closed });
          });
          socket.resume();
        }),
    ),
  );
}
process.send({ opened: count });
process.on('disconnect', () => process.exit(0));
