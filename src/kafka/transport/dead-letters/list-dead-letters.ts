import { Injectable } from '@nestjs/common';
import { decodeCursor, pageOf, type Page } from '../../../common/paging.js';
import { ModuleNotHere } from '../transport.errors.js';
import { TransportRegistry } from '../transport-registry.js';
import type { PlacedLetter } from './dead-letter-log.js';
import type { DeadLetter } from './dead-letter.js';

/** Lists what a module gave up on. */
@Injectable()
export class ListDeadLetters {
  constructor(private readonly registry: TransportRegistry) {}

  /**
   * A page of the dead letters that wait, oldest first.
   * @throws ModuleNotHere when the module does not run in this process
   * @throws CursorInvalid
   */
  async execute(module: string, limit: number, cursor?: string): Promise<Page<DeadLetter>> {
    const transport = this.registry.find(module);
    if (transport === undefined) throw new ModuleNotHere(`${module} does not run here.`);
    const after = cursor === undefined ? -1 : Number(decodeCursor(cursor, 1)[0]);
    const found: PlacedLetter[] = [];
    for await (const placed of transport.deadLetters.waiting(after + 1)) {
      found.push(placed);
      if (found.length > limit) break;
    }
    const page = pageOf(found, limit, ({ offset }) => [offset]);
    return { data: page.data.map(({ letter }) => letter), nextCursor: page.nextCursor };
  }
}
