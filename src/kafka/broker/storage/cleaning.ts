import { type LogState } from './log-state.js';

/** What cleaning needs of its log. */
export interface Cleaning {
  readonly state: LogState;
  /** Unix ms. */
  readonly now: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  /** Whether finished files are synced before they take their place. */
  readonly durable: boolean;
  readonly roll: () => void;
  readonly checkpoint: () => Promise<void>;
  readonly isClosed: () => boolean;
}
