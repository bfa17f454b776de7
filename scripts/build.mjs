/** Brings dist/ up to date; `npm run build` makes all of it anew, with types checked. */
import { compile, planCompilation } from './compile.mjs';

const began = performance.now();
const count = await compile(await planCompilation());
const seconds = ((performance.now() - began) / 1000).toFixed(1);
if (count > 0) process.stdout.write(`Compiled ${count} files in ${seconds} s\n`);
