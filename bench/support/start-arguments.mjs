/** The flags of Node's that `npm start` runs Millrace with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const { scripts } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
);

export const startArguments = scripts.start.split(' ').filter((word) => word.startsWith('--'));
