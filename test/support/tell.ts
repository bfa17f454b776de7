import { MillraceClient } from './client.js';
import { startInstallation, type Installation, type Layout } from './installation.js';

/** Tells stories to one installation of a layout, which is started before and drained after. */
export function tell(
  layout: Layout,
  stories: readonly ((millrace: () => MillraceClient) => void)[],
): void {
  let installation: Installation;
  let client: MillraceClient;

  beforeAll(async () => {
    installation = await startInstallation(layout);
    client = new MillraceClient(installation);
  });
  afterAll(() => installation.stop());

  for (const story of stories) story(() => client);
}
