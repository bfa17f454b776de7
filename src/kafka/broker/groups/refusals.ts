import type { ErrorCode } from '../protocol/error-codes.js';
import type { JoinResult, SyncResult } from './messages.js';

const NOTHING = Buffer.alloc(0);

/** A join that is not granted. */
export function refusedJoin(error: ErrorCode, memberId: string): JoinResult {
  return {
    error,
    generation: -1,
    protocolType: null,
    protocol: null,
    leader: '',
    memberId,
    skipAssignment: false,
    members: [],
  };
}

/** A sync that is not granted. */
export function refusedSync(error: ErrorCode): SyncResult {
  return { error, protocolType: null, protocol: null, assignment: NOTHING };
}
