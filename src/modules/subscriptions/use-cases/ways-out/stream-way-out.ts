import { getStreamStats, listStreamGaps } from '../../../../kafka/contracts/streams.contracts.js';
import type { RequestClient } from '../../../../kafka/transport/client/request-client.js';
import type { WayOut } from './way-out.js';

/** Asks the module `streams`. */
export const streamWayOut = (client: RequestClient): WayOut => ({
  stats: (about) => client.request(getStreamStats, about),
  gaps: (page) => client.request(listStreamGaps, page),
});
