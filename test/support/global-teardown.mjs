/** Stops what global-setup.mjs started. */
export default async function globalTeardown() {
  await Promise.all(globalThis.millraceTestServers.map((server) => server.stop()));
}
