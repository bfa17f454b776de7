/** Prints what the demo measured. */

/** A percentile (0 to 1) of milliseconds, one decimal. */
function percentile(values, share) {
  if (values.length === 0) return '';
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);
}

/** Rows of equal columns, aligned; the names of the columns first. */
function printTable(rows) {
  const columns = Object.keys(rows[0]);
  const lines = [columns, ...rows.map((row) => columns.map((column) => String(row[column])))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index].length)));
  for (const line of lines)
    console.log(
      line
        .map((cell, index) => cell.padEnd(widths[index]))
        .join('  ')
        .trimEnd(),
    );
}

/**
 * One line for each reader and endpoint.
 * @param published how many events were sent in all
 */
export function printReport(rows, published) {
  printTable(
    rows.map(({ subscription, way, latencies, ...counts }) => ({
      subscription,
      way,
      published,
      ...counts,
      'p50 ms': percentile(latencies, 0.5),
      'p99 ms': percentile(latencies, 0.99),
    })),
  );
  console.log(
    [
      'retried: attempts that the endpoint failed or left unanswered',
      "faulty: changed by a byte, out of its key's order, or with a wrong signature",
      'p50, p99: from publish to arrival; of a webhook, to the attempt that was taken',
    ].join('\n'),
  );
}
