/** The JSON Schemas of GitHub's webhooks, one per event type, cut out of @octokit/webhooks-schemas. */
import { createRequire } from 'node:module';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';

const require = createRequire(import.meta.url);
const REFERENCE = /"#\/definitions\/([^"]+)"/g;

/** The definitions that a definition needs, itself included. */
function closure(definitions, root) {
  const needed = new Map();
  const open = [root];
  while (open.length > 0) {
    const name = open.pop();
    if (needed.has(name)) continue;
    needed.set(name, definitions[name]);
    for (const [, next] of JSON.stringify(definitions[name]).matchAll(REFERENCE)) open.push(next);
  }
  return Object.fromEntries(needed);
}

/** `issues.opened` is `issues$opened` there; events without an action end in `$event`. */
const definitionOf = (definitions, { name, action }) =>
  [`${name}$${action}`, `${name}$event`, `${name}_event`].find((each) => each in definitions);

/**
 * A schema for each type of the payloads; types that the package does not know are left out.
 * @returns {Map<string, object>} by event type
 */
export function schemasOf(payloads) {
  const { definitions } = require('@octokit/webhooks-schemas/schema.json');
  const schemas = new Map();
  for (const payload of payloads) {
    const root = definitionOf(definitions, payload);
    if (root === undefined || schemas.has(payload.type)) continue;
    schemas.set(payload.type, {
      $schema: 'http://json-schema.org/draft-07/schema#',
      allOf: [{ $ref: `#/definitions/${root}` }],
      definitions: closure(definitions, root),
    });
  }
  return schemas;
}

/** How many payloads fit the schema of their type: GitHub's own documents do not always. */
export function countFitting(payloads, schemas) {
  const ajv = addFormats.default(new Ajv.default({ strict: false, validateFormats: true }));
  const validators = new Map([...schemas].map(([type, schema]) => [type, ajv.compile(schema)]));
  const fitting = payloads.filter(({ type, body }) => validators.get(type)?.(JSON.parse(body)));
  return {
    fitting: fitting.length,
    total: payloads.length,
    withoutSchema: payloads.filter(({ type }) => !schemas.has(type)).length,
  };
}
