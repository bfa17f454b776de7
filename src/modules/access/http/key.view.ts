import { ApiProperty } from '@nestjs/swagger';

import { scopes, type Scope } from '../../../kafka/contracts/access.contracts.js';
import type { ApiKeyRecord } from '../domain/api-key-record.js';

/** A key as REST shows it: never its hash. */
export class KeyView {
  @ApiProperty({ format: 'uuid' })
  readonly uid!: string;

  @ApiProperty({ example: 'shop' })
  readonly id!: string;

  @ApiProperty({ enum: scopes, isArray: true })
  readonly scopes!: readonly Scope[];

  @ApiProperty({ type: [String], nullable: true, description: 'null: all.' })
  readonly topics!: readonly string[] | null;

  @ApiProperty({ type: [String], nullable: true, description: 'null: all.' })
  readonly subscriptions!: readonly string[] | null;

  @ApiProperty({ type: String, nullable: true })
  readonly tenant!: string | null;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
}

/** A key just made, with the key itself, which is never shown again. */
export class CreatedKeyView extends KeyView {
  @ApiProperty({ description: 'Shown this once.', example: 'mr_…' })
  readonly key!: string;
}

/** A page of keys. */
export class KeyPageView {
  @ApiProperty({ type: [KeyView] })
  readonly data!: readonly KeyView[];

  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

/** Shows a key. */
export const keyView = (key: ApiKeyRecord): KeyView => ({
  uid: key.uid,
  id: key.id,
  scopes: key.scopes,
  topics: key.topics,
  subscriptions: key.subscriptions,
  tenant: key.tenant,
  createdAt: key.createdAt.toISOString(),
});
