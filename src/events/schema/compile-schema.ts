import { Ajv, type ErrorObject, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { draftOf, type SchemaDraft } from './schema-draft.js';
import { SchemaInvalid } from './schema.errors.js';

/** A JSON Schema as it is registered. */
export type JsonSchemaDocument = Readonly<Record<string, unknown>> | boolean;

/** One way in which a document does not fit. */
export interface SchemaFault {
  /** JSON Pointer into the document; empty: the whole. */
  readonly path: string;
  readonly message: string;
}

/** Judges a document; no fault: it fits. */
export type SchemaValidator = (document: unknown) => readonly SchemaFault[];

/** Compiling only: the schema was judged by its draft before, and other schemas are out of reach. */
const options: Options = {
  // Keywords and formats that ajv does not know are annotations, as the drafts say.
  strict: false,
  logger: false,
  meta: false,
  validateSchema: false,
};

/** Judges schemas by their drafts; kept, because a meta-schema costs more than most schemas. */
const judges: Partial<Record<SchemaDraft, Ajv>> = {};

const requireValid = (schema: JsonSchemaDocument, draft: SchemaDraft): void => {
  const Judge = draft === 'draft-07' ? Ajv : Ajv2020;
  const judge = (judges[draft] ??= new Judge({ strict: false, logger: false }));
  if (judge.validateSchema(schema) !== true)
    throw new SchemaInvalid(
      `The JSON Schema is not valid by draft ${draft}: ${judge.errorsText(judge.errors, { dataVar: 'schema' })}.`,
      { draft },
    );
};

const faultOf = ({ instancePath, message, params }: ErrorObject): SchemaFault => {
  const extra: unknown = params['additionalProperty'] ?? params['unevaluatedProperty'];
  const name = typeof extra === 'string' ? ` ("${extra}")` : '';
  return { path: instancePath, message: `${message ?? 'does not fit'}${name}` };
};

/** Recursion has an end: a schema may refer to itself in a circle, a document may be very deep. */
const judged = (judge: () => readonly ErrorObject[]): readonly SchemaFault[] => {
  try {
    return judge().map(faultOf);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [{ path: '', message: 'cannot be judged: the schema or the document goes too deep' }];
  }
};

/**
 * Compiles a JSON Schema of draft 2020-12 (the default) or draft-07 with ajv; formats are checked.
 * Costs milliseconds for large schemas: keep the result.
 * @throws SchemaInvalid
 */
export const compileSchema = (schema: JsonSchemaDocument): SchemaValidator => {
  const draft = draftOf(schema);
  requireValid(schema, draft);
  try {
    const ajv = draft === 'draft-07' ? new Ajv(options) : new Ajv2020(options);
    formats.default(ajv);
    const validate = ajv.compile(schema);
    return (document) => judged(() => (validate(document) ? [] : (validate.errors ?? [])));
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be compiled';
    throw new SchemaInvalid(`The JSON Schema is not valid: ${why.slice(0, 500)}.`, { draft });
  }
};
