/** The one table of a run. */
import { median } from '../support/statistics.mjs';

const show = (number) => {
  if (!Number.isFinite(number)) return '–';
  if (Math.abs(number) >= 100 || Number.isInteger(number))
    return Math.round(number).toLocaleString('en');
  return number.toFixed(Math.abs(number) >= 10 ? 1 : 2);
};

/** `median (lowest to highest)`; one number where all rounds gave the same. */
function showSpread(numbers) {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)].map(show);
  return low === high ? low : `${show(median(numbers))} (${low} to ${high})`;
}

const ratioOf = ({ value, reference }) => value / reference.value;

/** Whether the median meets the aim. */
function verdict(rounds) {
  const { aim } = rounds[0];
  if (!aim) return '';
  const figures = rounds.map((each) => (aim.of === 'ratio' ? ratioOf(each) : each.value));
  const of = aim.of === 'ratio' ? 'ratio ' : '';
  return `${of}${aim.text}: ${aim.met(median(figures)) ? 'met' : 'MISSED'}`;
}

/** One metric over all rounds. */
function rowOf(scenario, rounds) {
  const { name, unit, reference } = rounds[0];
  return {
    scenario,
    measured: name,
    median: `${showSpread(rounds.map(({ value }) => value))} ${unit}`.trim(),
    reference: reference
      ? `${reference.name} ${showSpread(rounds.map((each) => each.reference.value))}`
      : '',
    ratio: reference ? showSpread(rounds.map(ratioOf)) : '',
    aim: verdict(rounds),
  };
}

/** Rows out of each scenario's rounds of metrics. */
export function rowsOf(results) {
  return [...results].flatMap(([scenario, rounds]) =>
    rounds[0].map((_, index) =>
      rowOf(
        scenario,
        rounds.map((metrics) => metrics[index]),
      ),
    ),
  );
}

/** A table as Markdown has it, aligned. */
export function formatTable(rows) {
  const columns = Object.keys(rows[0]);
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index].length)));
  const format = (line) =>
    `| ${line.map((cell, index) => cell.padEnd(widths[index])).join(' | ')} |`;
  const rule = format(widths.map((width) => '-'.repeat(width)));
  return [format(columns), rule, ...lines.slice(1).map(format)].join('\n');
}
