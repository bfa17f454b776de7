import { Inject, Injectable } from '@nestjs/common';

import { KeyNotFound } from '../domain/access.errors.js';
import type { ApiKeyRecord } from '../domain/api-key-record.js';
import { KEY_STORE, type KeyStore } from '../domain/key-store.js';

/** Reads one key's rights. */
@Injectable()
export class GetKey {
  constructor(@Inject(KEY_STORE) private readonly store: KeyStore) {}

  /** @throws KeyNotFound */
  async execute(id: string): Promise<ApiKeyRecord> {
    const key = await this.store.find(id);
    if (!key) throw new KeyNotFound(id);
    return key;
  }
}
