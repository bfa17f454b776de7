import { BODIES_BYTES } from '../../../src/common/http/body-budget.js';
import { MAX_BODY_BYTES } from '../../../src/modules/ingest/http/publish-route.js';
import { eventually } from '../../support/eventually.js';
import { RawConnection } from '../http/support/raw-connection.js';
import { IngestApp } from './ingest-app.js';

const large = JSON.stringify('x'.repeat(100_000));

describe('many slow bodies', () => {
  let app: IngestApp;

  beforeAll(async () => {
    app = await IngestApp.start();
  });

  afterAll(() => app.stop());

  it('are bounded together: who comes later is told to wait, and small events pass', async () => {
    const { name } = await app.createTopic();
    const key = app.createKey({});
    const statusOf = async (body: string) => (await app.publish(name, body)).status;
    const slow: RawConnection[] = [];
    for (let bytes = 0; bytes < BODIES_BYTES; bytes += MAX_BODY_BYTES) {
      const connection = await RawConnection.open(app.port);
      connection.send(
        `POST /v1/topics/${name}/events HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer ${key}\r\n` +
          `Content-Type: application/json\r\nContent-Length: ${MAX_BODY_BYTES}\r\n\r\n"begun`,
      );
      slow.push(connection);
    }
    await eventually(
      () => statusOf(large),
      (status) => status === 429,
    );
    const refused = await app.publish(name, large);
    expect(refused.body).toMatchObject({ code: 'REQUEST.TOO_MANY_BODIES', status: 429 });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await statusOf('"small"')).toBe(202);
    const chunked = await app.publishInChunks(name, large);
    expect(chunked.body).toMatchObject({ code: 'REQUEST.TOO_MANY_BODIES', status: 429 });
    for (const connection of slow) connection.vanish();
    await eventually(
      () => statusOf(large),
      (status) => status === 202,
    );
    expect((await app.publishInChunks(name, large)).status).toBe(202);
    await app.log.admin.deleteTopic(name);
  });
});
