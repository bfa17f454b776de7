import { Inject, Injectable } from '@nestjs/common';

import { hashOf, newApiKey } from '../../../auth/api-key.js';
import { CLOCK, type Clock } from '../../../common/clock.js';
import { newUid } from '../../../common/ids.js';
import type { ApiKeyRecord } from '../domain/api-key-record.js';
import { checkedRights, type KeyRights } from '../domain/key-rights.js';
import { KEY_STORE, type KeyStore } from '../domain/key-store.js';

/** A key just made, with the only copy of the key itself. */
export interface CreatedKey {
  readonly record: ApiKeyRecord;
  readonly key: string;
}

/** Makes an API key. Only its hash is kept, so it is shown once. */
@Injectable()
export class CreateKey {
  constructor(
    @Inject(KEY_STORE) private readonly store: KeyStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @param id the server makes one when it is not given
   * @throws KeyRightsInvalid, KeyExists
   */
  async execute(id: string | undefined, rights: KeyRights): Promise<CreatedKey> {
    const key = newApiKey();
    const uid = newUid();
    const record: ApiKeyRecord = {
      ...checkedRights(rights),
      uid,
      id: id ?? `key-${uid}`,
      hash: hashOf(key),
      createdAt: this.clock.now(),
    };
    await this.store.add(record);
    return { record, key };
  }
}
