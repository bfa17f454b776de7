import { MillraceClient } from '../../support/client.js';
import { startInstallation, type Installation } from '../../support/installation.js';
import { startTestPostgres } from '../../support/servers.mjs';
import { BrokerProcess } from './broker-process.js';
import type { Target } from './load.js';
import { TcpProxy } from './tcp-proxy.js';

/** A Millrace with a Kafka and a Postgres of its own that can be taken away while it runs. */
export class ProvingGround {
  private ended: Promise<void> | undefined;

  private constructor(
    readonly client: MillraceClient,
    readonly kafka: BrokerProcess,
    readonly postgres: TcpProxy,
    private readonly installation: Installation,
    private readonly server: { stop(): Promise<void> },
  ) {}

  static async start(): Promise<ProvingGround> {
    const [kafka, server] = await Promise.all([BrokerProcess.start(), startTestPostgres()]);
    const database = new URL(server.url);
    const postgres = await TcpProxy.start(database.hostname, Number(database.port));
    database.port = String(postgres.ownPort);
    process.env['MILLRACE_TEST_KAFKA'] = kafka.address;
    process.env['MILLRACE_TEST_DATABASE_URL'] = database.href;
    const installation = await startInstallation('together');
    const client = new MillraceClient(installation);
    return new ProvingGround(client, kafka, postgres, installation, server);
  }

  get target(): Target {
    return { url: this.installation.url('GET', ''), adminKey: this.installation.adminKey };
  }

  /** Drains Millrace; rejects when it did not end with 0. */
  endMillrace(): Promise<void> {
    this.ended ??= this.installation.stop();
    return this.ended;
  }

  /** Drains Millrace, then ends the servers, whatever came of it. */
  async stop(): Promise<void> {
    try {
      await this.endMillrace();
    } finally {
      await this.postgres.stop();
      await Promise.all([this.kafka.remove(), this.server.stop()]);
    }
  }
}
