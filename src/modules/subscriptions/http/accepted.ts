import type { FastifyReply } from 'fastify';

import type { OperationState } from '../../../kafka/contracts/delivery-shapes.js';

/** Describes the answer of routes that start an operation. */
export const acceptedHeaders = {
  location: { description: 'Where its progress is read.', schema: { type: 'string' as const } },
};

/** Names the place where an operation's progress is read (RFC 9110, section 15.3.3). */
export function accepted(reply: FastifyReply, operation: OperationState): OperationState {
  reply.header('location', `/v1/operations/${operation.id}`);
  return operation;
}
