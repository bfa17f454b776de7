import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';

import { RequestInvalid, UnknownField, type FieldFault } from './request-errors.js';

const UNKNOWN = 'whitelistValidation';

function faultsOf(errors: readonly ValidationError[], parent = ''): FieldFault[] {
  return errors.flatMap((error) => {
    const path = parent ? `${parent}.${error.property}` : error.property;
    const own = Object.entries(error.constraints ?? {})
      .filter(([rule]) => rule !== UNKNOWN)
      .map(([, message]) => ({ path, message }));
    return [...own, ...faultsOf(error.children ?? [], path)];
  });
}

function unknownOf(errors: readonly ValidationError[], parent = ''): string[] {
  return errors.flatMap((error) => {
    const path = parent ? `${parent}.${error.property}` : error.property;
    const own = error.constraints?.[UNKNOWN] === undefined ? [] : [path];
    return [...own, ...unknownOf(error.children ?? [], path)];
  });
}

/** The error for what class-validator found: unknown fields first, as they are often a typo. */
export function validationFailure(
  errors: readonly ValidationError[],
): UnknownField | RequestInvalid {
  const unknown = unknownOf(errors);
  if (unknown.length > 0) return new UnknownField(unknown);
  const faults = faultsOf(errors);
  return new RequestInvalid(faults[0]?.message ?? 'The request is invalid.', faults);
}

/**
 * Checks bodies and queries against their DTO classes. Fields that the class does not declare are
 * an error, in nested objects too.
 */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
    exceptionFactory: validationFailure,
  });
}
