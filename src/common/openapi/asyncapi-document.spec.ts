import { Ajv } from 'ajv';
import addFormatsModule from 'ajv-formats';
import { createRequire } from 'node:module';

import { allContracts } from '../../kafka/contracts/index.js';
import { asyncApiDocument } from './asyncapi-document.js';

const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0.json') as object;

function validator() {
  const ajv = new Ajv({ strict: false, meta: false, validateSchema: false });
  addFormatsModule.default(ajv);
  return ajv.compile(schema);
}

/** Every `$ref` in a document. */
const refsIn = (value: unknown): string[] =>
  [...JSON.stringify(value).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? '');

/** What a local reference points to (RFC 6901). */
const resolve = (document: object, ref: string): unknown =>
  ref
    .slice(2)
    .split('/')
    .reduce<unknown>(
      (node, part) => (node as Record<string, unknown> | undefined)?.[part],
      document,
    );

describe('the AsyncAPI document', () => {
  const document = asyncApiDocument(allContracts);
  const validate = validator();

  it('is valid by the schema of AsyncAPI 3.0', () => {
    expect(validate(document) || validate.errors).toBe(true);
  });

  it('would be found out if it were not', () => {
    expect(validate({ ...document, channels: { x: { adress: 'misspelt' } } })).toBe(false);
  });

  it('has every contract, and refers to nothing that is not there', () => {
    expect(Object.keys(document.operations)).toEqual(allContracts.map(({ name }) => name));
    for (const ref of refsIn(document)) expect(resolve(document, ref)).toBeDefined();
  });

  it('names the Kafka topics as the transport does', () => {
    expect(document.channels['access.keys.v1']).toMatchObject({
      address: '{prefix}state.access.keys.v1',
    });
    expect(document.channels['access.key.revoke.v1']).toMatchObject({
      address: '{prefix}access.key.revoke.v1',
    });
  });
});
