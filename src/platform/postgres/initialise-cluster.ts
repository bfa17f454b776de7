import { spawn } from 'node:child_process';
import { chown, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { StartRefused } from '../../config/start-refused.js';
import { ended } from '../supervised-process.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import { makeOwned, openForChild } from './reachable-directory.js';
import type { SystemUser } from './unprivileged-user.js';

/** The superuser of the embedded cluster. */
export const CLUSTER_USER = 'millrace';

/** What a cluster is made with. */
export interface ClusterPlan {
  readonly binaries: PostgresBinaries;
  readonly user: SystemUser | undefined;
  /** Where the cluster's files shall be. */
  readonly directory: string;
  readonly password: string;
}

const isInitialised = (directory: string): Promise<boolean> =>
  readFile(join(directory, 'PG_VERSION')).then(
    () => true,
    () => false,
  );

async function runInitdb(plan: ClusterPlan, workshop: string): Promise<void> {
  const { path, handle } = await openForChild(workshop);
  try {
    const child = spawn(
      plan.binaries.initdb,
      [
        `--pgdata=${path}/data`,
        `--pwfile=${path}/password`,
        `--username=${CLUSTER_USER}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-instructions',
      ],
      {
        ...plan.user,
        cwd: '/',
        env: { ...process.env, LC_ALL: 'C' },
        stdio: ['ignore', 'ignore', 'pipe', handle.fd],
      },
    );
    const [complaint] = await Promise.all([text(child.stderr!), ended(child)]);
    if (child.exitCode !== 0) throw new StartRefused(`initdb failed: ${complaint.trim()}`);
  } finally {
    await handle.close();
  }
}

/**
 * Makes the cluster at the first start. initdb works in a directory beside it that is renamed at the
 * end, so a start that was interrupted leaves no half cluster.
 * @throws StartRefused with initdb's words
 */
export async function initialiseCluster(plan: ClusterPlan): Promise<void> {
  if (await isInitialised(plan.directory)) return;
  const workshop = `${plan.directory}.new`;
  await rm(workshop, { recursive: true, force: true });
  await makeOwned(workshop, plan.user);
  const password = join(workshop, 'password');
  await writeFile(password, `${plan.password}\n`, { mode: 0o600 });
  if (plan.user !== undefined) await chown(password, plan.user.uid, plan.user.gid);
  await runInitdb(plan, workshop);
  await rename(join(workshop, 'data'), plan.directory);
  await rm(workshop, { recursive: true });
}
