import { Inject, Injectable } from '@nestjs/common';

import { KEY_STORE, type KeyStore } from '../domain/key-store.js';

/** Takes a key's rights away, everywhere, for good. */
@Injectable()
export class RevokeKey {
  constructor(@Inject(KEY_STORE) private readonly store: KeyStore) {}

  /** @throws KeyNotFound */
  async execute(id: string): Promise<void> {
    await this.store.remove(id);
  }
}
