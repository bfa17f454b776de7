import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, registerDecorator } from 'class-validator';

import {
  compatibilityModes,
  type CompatibilityMode,
} from '../../../kafka/contracts/catalog.contracts.js';
import type { JsonSchema } from '../domain/event-schema.js';

const isSchema = (value: unknown): boolean =>
  typeof value === 'boolean' ||
  (typeof value === 'object' && value !== null && !Array.isArray(value));

const IsJsonSchema = (): PropertyDecorator => (target, propertyName) => {
  registerDecorator({
    name: 'isJsonSchema',
    target: target.constructor,
    propertyName: String(propertyName),
    validator: {
      validate: isSchema,
      defaultMessage: () => '$property must be a JSON Schema: an object or a boolean',
    },
  });
};

/** Body of PUT /v1/topics/{topic}/schemas/{type}. */
export class SchemaBody {
  @ApiProperty({
    type: Object,
    description: 'JSON Schema, draft 2020-12 or draft-07; every $ref within itself.',
  })
  @IsJsonSchema()
  readonly schema!: JsonSchema;

  @ApiPropertyOptional({
    enum: compatibilityModes,
    default: 'NONE',
    description: 'How this and later versions must relate to the version before.',
  })
  @IsOptional()
  @IsIn(compatibilityModes)
  readonly compatibility?: CompatibilityMode;
}
