import type { ApiKeyRecord } from './api-key-record.js';

/** Where keys are kept. What it stores it also announces to every process, or does neither. */
export interface KeyStore {
  /**
   * Stores a key; resolves when a request with it can be answered.
   * @throws KeyExists when its id is taken
   */
  add(key: ApiKeyRecord): Promise<void>;
  /**
   * Revokes a key.
   * @throws KeyNotFound
   */
  remove(id: string): Promise<void>;
  find(id: string): Promise<ApiKeyRecord | undefined>;
  /** At most `limit` keys with ids after `afterId`, by id. */
  list(limit: number, afterId: string | null): Promise<readonly ApiKeyRecord[]>;
}

/** Nest injection token of the KeyStore. */
export const KEY_STORE = Symbol('KeyStore');
