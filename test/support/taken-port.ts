import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** Runs `use` while a port of 127.0.0.1 is taken by this process. */
export async function withTakenPort(use: (port: number) => Promise<void>): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}
