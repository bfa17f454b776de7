/**
 * Opens many connections that never send a byte, a few at a time (the kernel silently drops what
 * overflows a server's backlog); tells the parent when all are open, and when all were closed.
 */
import { connect } from 'node:net';

const AT_A_TIME = 50;
const [port, count] = process.argv.slice(2).map(Number);
let dialled = 0;
let opened = 0;
let closed = 0;

function dial() {
  if (dialled === count) return;
  dialled += 1;
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.once('connect', () => {
    opened += 1;
    if (opened === count) process.send('opened');
    dial();
  });
  socket.once('close', () => {
    closed += 1;
    if (closed === count) process.send('closed', () => process.exit(0));
  });
  socket.resume();
}

for (let i = 0; i < AT_A_TIME; i += 1) dial();
