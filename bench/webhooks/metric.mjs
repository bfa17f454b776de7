/**
 * One measured figure of a scenario.
 * @typedef {object} Metric
 * @property {string} name
 * @property {string} unit
 * @property {number} value
 * @property {Aim} [aim] of the value, or of the ratio
 * @property {{ name: string, value: number }} [reference] what it is a ratio to, from the same round
 */

/** @typedef {{ text: string, of: 'value' | 'ratio', met: (figure: number) => boolean }} Aim */

const aim = (of, sign, bound, met) => ({ text: `${sign} ${bound}`, of, met });

export const atLeast = (bound, of = 'value') => aim(of, '≥', bound, (figure) => figure >= bound);
export const atMost = (bound, of = 'value') => aim(of, '≤', bound, (figure) => figure <= bound);

/** @returns {Metric} */
export const metric = (name, unit, value, { aim: aimed, reference } = {}) => ({
  name,
  unit,
  value,
  aim: aimed,
  reference,
});

/** Names what a metric is compared with. */
export const against = (name, value) => ({ name, value });
