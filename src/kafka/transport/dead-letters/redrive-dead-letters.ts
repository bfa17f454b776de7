import { Injectable } from '@nestjs/common';
import type { ErrorOnWire } from '../transport.errors.js';
import { DeadLetterNotFound, ModuleNotHere } from '../transport.errors.js';
import type { ModuleTransport } from '../module-transport.js';
import { TransportRegistry } from '../transport-registry.js';
import { toErrorOnWire } from '../wire/wire-error.js';
import type { DeadLetter } from './dead-letter.js';
import { markDone } from './dead-letters-done.js';

/** What became of one dead letter; without an error it was handled. */
export interface RedriveResult {
  readonly id: string;
  readonly error?: ErrorOnWire;
}

/** Gives dead letters to their handlers again. */
@Injectable()
export class RedriveDeadLetters {
  constructor(private readonly registry: TransportRegistry) {}

  /**
   * Handles dead letters again, one after the other, in the order in which they were given up.
   * Handler, inbox row and the mark "done" are one transaction: wherever a crash falls, a letter is
   * either handled and gone from the list, or still there.
   * @param ids those to redrive; undefined: all that wait, at most `limit`
   * @returns in the order of `ids`, or of the list
   * @throws ModuleNotHere when the module does not run in this process
   */
  async execute(
    module: string,
    ids: readonly string[] | undefined,
    limit: number,
  ): Promise<readonly RedriveResult[]> {
    const transport = this.registry.find(module);
    if (transport === undefined) throw new ModuleNotHere(`${module} does not run here.`);
    const wanted = ids && new Set(ids);
    const results = new Map<string, RedriveResult>();
    for await (const { letter } of transport.deadLetters.waiting()) {
      if (wanted !== undefined && !wanted.has(letter.id)) continue;
      results.set(letter.id, await redrive(transport, letter));
      if (results.size === (wanted?.size ?? limit)) break;
    }
    return ids === undefined
      ? [...results.values()]
      : ids.map((id) => results.get(id) ?? { id, error: notFound(id) });
  }
}

const notFound = (id: string): ErrorOnWire =>
  toErrorOnWire(new DeadLetterNotFound(`No dead letter ${id} waits.`));

async function redrive(transport: ModuleTransport, letter: DeadLetter): Promise<RedriveResult> {
  const { id, contract, record, attempts } = letter;
  const route = transport.server.eventRoute(contract);
  if (route === undefined) {
    const missing = new DeadLetterNotFound(`Nothing handles ${contract} any more.`);
    return { id, error: toErrorOnWire(missing) };
  }
  try {
    await transport.events.handleOnce(route, record, attempts + 1, ({ manager }) =>
      markDone(manager, id),
    );
    return { id };
  } catch (error) {
    return { id, error: toErrorOnWire(error) };
  }
}
