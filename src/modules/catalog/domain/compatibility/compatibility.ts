import type { CompatibilityMode } from '../../../../kafka/contracts/catalog.contracts.js';
import { CompatibilityUndecidable, SchemaIncompatible } from '../catalog.errors.js';
import type { JsonSchema } from '../event-schema.js';
import { Inclusion, type Fits, type InclusionFault } from './inclusion.js';
import { decidedKeywords, firstUndecided } from './keywords.js';

/** One place where a new schema breaks a direction of its mode. */
export interface CompatibilityFault extends InclusionFault {
  /** `BACKWARD`: an old document may not fit the new schema; `FORWARD`: a new one not the old. */
  readonly direction: 'BACKWARD' | 'FORWARD';
}

/**
 * Whether a schema can be judged at all, now or when the next version comes.
 * @throws CompatibilityUndecidable naming the keyword, unless the mode is NONE
 */
export const requireDecidable = (mode: CompatibilityMode, schema: JsonSchema): void => {
  const undecided = mode === 'NONE' ? undefined : firstUndecided(schema);
  if (undecided !== undefined)
    throw new CompatibilityUndecidable(
      `The mode ${mode} cannot judge the keyword "${undecided.keyword}" at ${undecided.path}.`,
      { ...undecided, mode, decidedKeywords },
    );
};

/** Where a new schema breaks a mode's promise towards the one before it. */
export const compatibilityFaults = (
  mode: CompatibilityMode,
  before: JsonSchema,
  after: JsonSchema,
  fits: Fits,
): readonly CompatibilityFault[] => {
  const inclusion = new Inclusion(fits);
  const backward = mode === 'BACKWARD' || mode === 'FULL';
  const forward = mode === 'FORWARD' || mode === 'FULL';
  const told =
    (direction: CompatibilityFault['direction']) =>
    (fault: InclusionFault): CompatibilityFault => ({ direction, ...fault });
  return [
    ...(backward ? inclusion.faults(before, after).map(told('BACKWARD')) : []),
    ...(forward ? inclusion.faults(after, before).map(told('FORWARD')) : []),
  ];
};

const shown = ({ direction, path, keyword }: CompatibilityFault): string =>
  `${path === '' ? 'the document' : path} (${keyword}, ${direction})`;

/**
 * Holds a new schema to a mode: BACKWARD: whatever fitted the old one fits the new one; FORWARD:
 * the other way; FULL: both.
 * @throws CompatibilityUndecidable, SchemaIncompatible
 */
export const requireCompatible = (
  mode: CompatibilityMode,
  before: JsonSchema,
  after: JsonSchema,
  fits: Fits,
): void => {
  if (mode === 'NONE') return;
  requireDecidable(mode, before);
  requireDecidable(mode, after);
  const faults = compatibilityFaults(mode, before, after, fits);
  if (faults.length === 0) return;
  throw new SchemaIncompatible(
    `The schema is not compatible (${mode}) with the newest version: ${faults.slice(0, 5).map(shown).join(', ')}.`,
    { mode, faults: faults.slice(0, 100) },
  );
};
