import type { EntityManager } from 'typeorm';

/** An entity as its owner's database holds it. */
export interface StateRow<State> {
  readonly uid: string;
  readonly version: number;
  readonly state: State;
}

/**
 * The owner's truth behind a state topic. Transport compares it with the topic at start and now and
 * then, publishes what differs and tombstones what is gone.
 */
export interface StateSource<State> {
  /**
   * All entities as committed. `manager` is given when the rows must be read on the connection of a
   * transaction (the second look, with publishing locked out); use it when it is there.
   */
  rows(manager?: EntityManager): AsyncIterable<StateRow<State>>;
}
