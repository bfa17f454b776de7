/** The bytes of a request do not follow its grammar. Kafka answers by closing that connection. */
export class MalformedRequest extends Error {
  override readonly name = 'MalformedRequest';
}
