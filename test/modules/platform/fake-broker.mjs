/** Stands in for the broker: listens, says where, and ends with its parent. */
import { createServer } from 'node:net';

const argument = (name) => process.argv[process.argv.indexOf(name) + 1];
const server = createServer((socket) => socket.end(String(process.pid)));
server.listen(Number(argument('--port')), argument('--host'), () => {
  process.send({ port: server.address().port });
});
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
