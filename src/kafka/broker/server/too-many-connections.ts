/** A connection was closed because there are as many as may be. */
export class TooManyConnections extends Error {
  override readonly name = 'TooManyConnections';
}
