import { Injectable, type PipeTransform } from '@nestjs/common';
import { Matches, type ValidationOptions } from 'class-validator';

import { ENTITY_ID } from '../ids.js';
import { RequestInvalid } from './request-errors.js';

const RULE = 'must be 1 to 64 of a-z, 0-9, ".", "_" and "-", beginning with a letter or digit';

/** A DTO field that holds an id chosen by a user. */
export const IsEntityId = (options: ValidationOptions = {}): PropertyDecorator =>
  Matches(ENTITY_ID, { message: `$property ${RULE}`, ...options });

/** The same rule for a path parameter that makes something: `@Param('id', EntityIdPipe)`. */
@Injectable()
export class EntityIdPipe implements PipeTransform<string, string> {
  /** @throws RequestInvalid */
  transform(id: string): string {
    if (ENTITY_ID.test(id)) return id;
    const message = `The id ${RULE}.`;
    throw new RequestInvalid(message, [{ path: 'id', message }]);
  }
}
