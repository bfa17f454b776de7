import { eventually } from '../support/eventually.js';
import { Audience, characters, targets } from './support/audience.js';
import { Load } from './support/load.js';
import { PlantedCopy, type Plant } from './support/planted-copy.js';
import { createLoadTopic, RealMillrace } from './support/real-millrace.js';

const { hopeless, slow } = characters;
const { busy, stuck } = targets;

interface Bug {
  readonly name: string;
  readonly plant?: Plant;
  /** What is found, and of which subscription. */
  readonly fault?: RegExp;
}

const bugs: readonly Bug[] = [
  { name: 'none' },
  {
    name: 'a floor that passes what is not settled',
    plant: {
      file: 'delivery/engine/partition-owner.js',
      text: 'if (bound !== undefined && bound < floor) floor = bound;',
      becomes: '',
    },
    fault: /: lost/,
  },
  {
    name: 'a restart at the end of the log',
    plant: {
      file: 'delivery/core/claim.js',
      text: 'if (stored === undefined) {',
      becomes: 'if (stored !== null) {',
    },
    fault: /^busy-.*: lost/m,
  },
  {
    name: 'a place behind the others that is forgotten at a restart',
    plant: {
      file: 'delivery/core/lane.js',
      text: 'row === undefined ? startOffset : row.fromOffset',
      becomes: 'row === undefined ? startOffset : null',
    },
    fault: /^slow-.*: lost/m,
  },
  {
    name: 'parked events that are forgotten at a restart',
    plant: {
      file: 'delivery/persistence/exception-rows.js',
      text: `IN ('retry', 'parked', 'redrive', 'done')`,
      becomes: `IN ('retry', 'redrive', 'done')`,
    },
    fault: /^stuck-.*: lost/m,
  },
  {
    name: 'parked events that do not wait for their key after a restart',
    plant: {
      file: 'delivery/core/lane.js',
      text: 'const ordered = redriven || this.options.ordered();',
      becomes: 'const ordered = false;',
    },
    fault: /^stuck-.*: order/m,
  },
  {
    name: 'dead letters that are dropped',
    plant: {
      file: 'delivery/core/lane.js',
      text: `delivery.state = 'dying';`,
      becomes: 'return this.close(delivery);',
    },
    fault: /^hopeless-.*: lost/m,
  },
];

/** Kills the program under load, lets everything drain, and tells what the checker finds. */
async function faultsAfterKill(millrace: RealMillrace, audience: Audience) {
  const load = new Load(millrace, { topic: 'planted', keys: 8, pauseMs: 50 });
  await eventually(
    () => audience.webhook(stuck).stats(),
    // Most of what is parked lies below the floor by then: only its rows know of it.
    ({ exceptions, partitions }) =>
      exceptions.parked > 100 && partitions.reduce((sum, { lag }) => sum + lag, 0) < 40,
    60,
  );
  const from = performance.now();
  await millrace.kill('application');
  await millrace.start();
  await eventually(
    () => load.count,
    (count) => count > 200,
    60,
  );
  const acknowledged = await load.stop();
  // A bug may leave what never ends.
  const undrained = await audience.drain(20).then(
    () => [],
    () => ['undrained'],
  );
  const { faults } = await audience.judge(acknowledged, [{ from, to: from }]);
  return [...undrained, ...faults];
}

describe('the checker of webhooks, after a kill under load', () => {
  it.each(bugs)(
    'judges rightly when the planted bug is: $name',
    async ({ plant, fault }) => {
      const copy = await PlantedCopy.make(plant);
      const millrace = await RealMillrace.create(copy.program);
      await createLoadTopic(millrace, 'planted', []);
      const audience = await Audience.invite(millrace, 'planted', [busy, slow, stuck, hopeless]);
      try {
        const faults = await faultsAfterKill(millrace, audience);
        if (fault === undefined) expect(faults).toEqual([]);
        else expect(faults.join('\n')).toMatch(fault);
      } finally {
        await millrace.remove();
        await Promise.all([audience.leave(), copy.remove()]);
      }
    },
    120_000,
  );
});
