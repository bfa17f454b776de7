/**
 * Child processes that answer calls: load and receivers have processes of their own, so that they
 * take no time from the thread of what is measured.
 */
import { fork } from 'node:child_process';

/** A child process whose `call(name, argument)` resolves with what its function of that name gives. */
export class Worker {
  #calls = new Map();
  #next = 0;

  constructor(program) {
    // Structured clones, so that arrays of numbers travel as they are.
    this.child = fork(program, [], { serialization: 'advanced' });
    this.child.on('message', ({ id, result, error }) => {
      const { resolve, reject } = this.#calls.get(id);
      this.#calls.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    });
    this.child.once('exit', (code) => {
      for (const { reject } of this.#calls.values())
        reject(new Error(`${program}: ended (${code})`));
    });
  }

  call(name, argument) {
    const id = (this.#next += 1);
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.child.send({ id, name, argument });
    });
  }

  stop() {
    this.child.kill();
  }
}

/** In the child: answers calls with these functions. */
export function answerCalls(functions) {
  // Whatever became of the parent.
  process.once('disconnect', () => process.exit(0));
  process.on('message', async ({ id, name, argument }) => {
    try {
      process.send({ id, result: await functions[name](argument) });
    } catch (error) {
      process.send({ id, error: error.stack });
    }
  });
}
