import { isDeepStrictEqual } from 'node:util';
import type { StateChange } from './state-record.js';
import type { StateRow } from './state-source.js';
import type { StateTable } from './state-table.js';

/**
 * What must be published so that the topic says what the owner's database says. Pure.
 * @param rows the owner's entities
 * @param table the topic as read
 * @param skip uids that are left alone: their messages are still in the outbox
 */
export async function differences<State>(
  rows: AsyncIterable<StateRow<State>>,
  table: StateTable<State>,
  skip: ReadonlySet<string>,
): Promise<readonly StateChange<State>[]> {
  const found: StateChange<State>[] = [];
  const existing = new Set<string>();
  for await (const row of rows) {
    existing.add(row.uid);
    if (!skip.has(row.uid) && differs(row, table)) found.push(row);
  }
  for (const uid of table.uids()) {
    const version = table.versionOf(uid);
    if (existing.has(uid) || skip.has(uid) || version === undefined) continue;
    found.push({ uid, version: version + 1, state: null });
  }
  for (const uid of table.displaced) {
    if (existing.has(uid) || skip.has(uid) || table.get(uid) !== undefined) continue;
    found.push({ uid, version: table.versionOf(uid) ?? 1, state: null });
  }
  return found;
}

function differs<State>(row: StateRow<State>, table: StateTable<State>): boolean {
  const { uid, version, state } = row;
  const published = table.versionOf(uid);
  if (published === undefined || published < version) return true;
  // Deleted at this version or later: only a higher version can bring it back, and rows give theirs.
  if (table.get(uid) === undefined) return false;
  if (table.displaced.has(uid)) return true;
  const asSent: unknown = JSON.parse(JSON.stringify(state));
  return published === version && !isDeepStrictEqual(table.get(uid), asSent);
}
