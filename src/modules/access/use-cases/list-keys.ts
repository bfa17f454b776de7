import { Inject, Injectable } from '@nestjs/common';

import { decodeCursor, pageOf, type Page } from '../../../common/paging.js';
import type { ApiKeyRecord } from '../domain/api-key-record.js';
import { KEY_STORE, type KeyStore } from '../domain/key-store.js';

/** Lists keys by id, a page at a time. */
@Injectable()
export class ListKeys {
  constructor(@Inject(KEY_STORE) private readonly store: KeyStore) {}

  /** @throws CursorInvalid */
  async execute(limit: number, cursor: string | undefined): Promise<Page<ApiKeyRecord>> {
    const [afterId] = cursor === undefined ? [null] : decodeCursor(cursor, 1);
    const after = afterId === null ? null : String(afterId);
    return pageOf(await this.store.list(limit + 1, after), limit, ({ id }) => [id]);
  }
}
