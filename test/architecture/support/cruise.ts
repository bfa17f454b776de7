import { cruise, type ICruiseResult } from 'dependency-cruiser';

import { boundaryRules } from '../boundary-rules.js';

/** One import that a rule forbids. */
export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Reads the imports (type-only ones too) of a tree that looks like this project.
 * @param root folder that holds `src`
 */
export async function violationsIn(root: string): Promise<readonly Violation[]> {
  const { output } = await cruise(['src'], {
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: [...boundaryRules] },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      mainFields: ['main'],
    },
  });
  const { summary } = output as ICruiseResult;
  if (summary.totalCruised === 0) throw new Error(`no source was read under ${root}`);
  return summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
}
