import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonSchema } from '../../contracts/contract.js';
import { ContractViolated } from '../transport.errors.js';

const ajv = new Ajv2020({ strict: false, allowUnionTypes: true, allErrors: false });
const compiled = new WeakMap<JsonSchema, ValidateFunction>();

function validatorOf(schema: JsonSchema): ValidateFunction {
  let validate = compiled.get(schema);
  if (validate === undefined) {
    validate = ajv.compile(schema);
    compiled.set(schema, validate);
  }
  return validate;
}

/**
 * Checks a payload against a schema of its contract; each schema is compiled once per process.
 * @throws ContractViolated with the path and the reason of the first fault
 */
export function assertFits(contract: string, schema: JsonSchema, payload: unknown): void {
  const validate = validatorOf(schema);
  if (validate(payload)) return;
  const fault = validate.errors?.[0];
  const reason = `${fault?.instancePath || '/'} ${fault?.message ?? 'is wrong'}`;
  throw new ContractViolated(`The message does not fit ${contract}: ${reason}.`, {
    contract,
    path: fault?.instancePath ?? '',
    reason: fault?.message ?? '',
  });
}

/**
 * Reads a record's value as JSON.
 * @throws ContractViolated when there is none, or it is no JSON
 */
export function parseValue(contract: string, value: Buffer | null): unknown {
  if (value === null) throw new ContractViolated(`A message of ${contract} has no value.`);
  try {
    return JSON.parse(value.toString('utf8'));
  } catch (cause) {
    throw new ContractViolated(`A message of ${contract} is no JSON.`, { contract }, { cause });
  }
}
