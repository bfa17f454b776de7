/** Takes away what global-setup.mjs made. */
export default async function globalTeardown() {
  await Promise.all(globalThis.millraceClients.map((release) => release()));
}
