/** `host:port` of the broker that the clients speak to; global-setup.mjs sees to it. */
export function brokerAddress(): string {
  const address = process.env['MILLRACE_CLIENTS_BROKER'];
  if (!address) throw new Error('MILLRACE_CLIENTS_BROKER is not set: run the project `clients`.');
  return address;
}
