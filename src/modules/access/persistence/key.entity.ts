import { Column, Entity, PrimaryColumn } from 'typeorm';

import type { Scope } from '../../../kafka/contracts/access.contracts.js';

/** A row of `keys`. */
@Entity({ name: 'keys' })
export class KeyEntity {
  @PrimaryColumn('uuid')
  uid!: string;

  @Column('text', { unique: true })
  id!: string;

  @Column('text', { unique: true })
  hash!: string;

  @Column('text', { array: true })
  scopes!: readonly Scope[];

  @Column('text', { array: true, nullable: true })
  topics!: readonly string[] | null;

  @Column('text', { array: true, nullable: true })
  subscriptions!: readonly string[] | null;

  @Column('text', { nullable: true })
  tenant!: string | null;

  @Column('int')
  version!: number;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}
