import { newUid } from '../../../common/ids.js';
import {
  subscriptionKinds,
  type SubscriptionKind,
} from '../../../kafka/contracts/subscriptions.contracts.js';

const OPERATION_ID = /^op-([a-z]+)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A new operation's id. It names the kind, so that who is asked for it knows whom to ask. */
export const newOperationId = (kind: SubscriptionKind): string => `op-${kind}-${newUid()}`;

/** The kind whose module runs the operation; undefined for what is no operation's id. */
export function kindOfOperation(id: string): SubscriptionKind | undefined {
  const named = OPERATION_ID.exec(id)?.[1];
  return subscriptionKinds.find((kind) => kind === named);
}
