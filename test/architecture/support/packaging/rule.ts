/** A condition, and what is wrong where it does not hold. */
export type Rule = readonly [holds: boolean, fault: string];

/** The faults of the rules that do not hold. */
export const faultsOf = (rules: readonly Rule[]): readonly string[] =>
  rules.filter(([holds]) => !holds).map(([, fault]) => fault);
