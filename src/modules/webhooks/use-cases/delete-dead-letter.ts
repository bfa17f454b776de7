import { Injectable } from '@nestjs/common';
import { DeadLetterStore } from '../../../delivery/persistence/dead-letter.store.js';
import { DeadLetterNotFound } from '../domain/webhooks.errors.js';

/** Drops a dead letter for good. */
@Injectable()
export class DeleteDeadLetter {
  constructor(private readonly deadLetters: DeadLetterStore) {}

  /** @throws DeadLetterNotFound, DatabaseUnavailable */
  async execute(subscriptionUid: string, id: string): Promise<void> {
    if (!(await this.deadLetters.remove(subscriptionUid, id))) throw new DeadLetterNotFound(id);
  }
}
