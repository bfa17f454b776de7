/** A server for tests, from npm alone. */
interface TestServer {
  stop(): Promise<void>;
}
export function startTestPostgres(): Promise<TestServer & { readonly url: string }>;
export function startTestKafka(): Promise<TestServer & { readonly address: string }>;
