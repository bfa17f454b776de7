import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  MaxLength,
} from 'class-validator';

import { IsEntityId } from '../../../common/http/entity-id.js';
import { scopes, type Scope } from '../../../kafka/contracts/access.contracts.js';

/** More names than this belong into a tenant. */
const MAX_NAMES = 1_000;

/** Body of POST /v1/keys. */
export class CreateKeyBody {
  @ApiPropertyOptional({ description: 'Made by the server when left out.', example: 'shop' })
  @IsOptional()
  @IsEntityId()
  readonly id?: string;

  @ApiProperty({ enum: scopes, isArray: true, description: '`admin` includes all others.' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(scopes.length)
  @IsIn(scopes, { each: true })
  readonly scopes!: Scope[];

  @ApiPropertyOptional({ type: [String], nullable: true, description: 'Only these topics.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_NAMES)
  @IsString({ each: true })
  readonly topics?: string[] | null;

  @ApiPropertyOptional({ type: [String], nullable: true, description: 'Only these subscriptions.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_NAMES)
  @IsString({ each: true })
  readonly subscriptions?: string[] | null;

  @ApiPropertyOptional({ type: String, nullable: true, description: 'Only what this tenant owns.' })
  @IsOptional()
  @IsString()
  @MaxLength(256)
  readonly tenant?: string | null;
}
