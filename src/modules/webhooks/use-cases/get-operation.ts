import { Injectable } from '@nestjs/common';
import { OperationStore } from '../../../delivery/persistence/operation.store.js';
import type { OperationState } from '../../../kafka/contracts/delivery-shapes.js';
import { OperationNotFound } from '../domain/webhooks.errors.js';

/** How far a redrive or resend has come. */
@Injectable()
export class GetOperation {
  constructor(private readonly operations: OperationStore) {}

  /** @throws OperationNotFound, DatabaseUnavailable */
  async execute(id: string): Promise<OperationState> {
    const found = await this.operations.find(id);
    if (found === undefined) throw new OperationNotFound(id);
    return found;
  }
}
