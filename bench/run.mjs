/**
 * `npm run bench [-- name …]`: the benchmark of that name, `publish` when none is given. What follows
 * the name is the benchmark's own; see README.md.
 */
const benchmarks = {
  publish: './publish/run.mjs',
  webhooks: './webhooks/run.mjs',
  broker: './broker/run.mjs',
  'log-clients': './log-clients/run.mjs',
};

const named = process.argv[2];
if (named in benchmarks) process.argv.splice(2, 1);
else if (named !== undefined && !/^\d+$/.test(named)) {
  process.stderr.write(`There is no benchmark ${named}: ${Object.keys(benchmarks).join(', ')}\n`);
  process.exit(1);
}
await import(benchmarks[named] ?? benchmarks.publish);
