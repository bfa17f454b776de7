import type { JsonSchema } from '../event-schema.js';
import {
  compareArrays,
  compareFormats,
  compareNumbers,
  compareObjects,
  compareStrings,
  type Comparison,
} from './bounds.js';
import { finiteValues, isListed, typesOf } from './instances.js';
import type { SchemaObject } from './keywords.js';

/** Tells whether a document fits a schema. */
export type Fits = (schema: JsonSchema, document: unknown) => boolean;

/** Why a schema allows documents that another does not. */
export interface InclusionFault {
  /** JSON Pointer into the documents; `*` stands for any member or item. */
  readonly path: string;
  /** Keyword at fault, for `required` with the member's name. */
  readonly keyword: string;
}

const perType: readonly (readonly [readonly string[], Comparison])[] = [
  [['number', 'integer'], compareNumbers],
  [['string'], compareStrings],
  [['array'], compareArrays],
  [['object'], compareObjects],
];

const asObject = (schema: unknown): SchemaObject =>
  typeof schema === 'object' && schema !== null ? (schema as SchemaObject) : {};

const propertiesOf = (schema: SchemaObject): SchemaObject => asObject(schema['properties']);

/** The subschema of a member: its own, or that of additional members. */
const memberSchema = (schema: SchemaObject, name: string): JsonSchema => {
  const properties = propertiesOf(schema);
  const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
  return (own ?? schema['additionalProperties'] ?? true) as JsonSchema;
};

/**
 * Judges whether every document that `sub` allows is allowed by `sup`. Sound, not complete: no
 * fault means yes; a fault may be told where a cleverer proof would find none. Both schemas must
 * use decided keywords only.
 */
export class Inclusion {
  constructor(private readonly fits: Fits) {}

  faults(sub: JsonSchema, sup: JsonSchema, path = ''): readonly InclusionFault[] {
    if (sub === false || sup === true) return [];
    if (sup === false) return [{ path, keyword: 'false' }];
    const inner = asObject(sub);
    const listed = finiteValues(inner);
    if (listed !== undefined) return this.listedFaults(inner, listed, sup, path);
    if (Object.hasOwn(sup, 'const')) return [{ path, keyword: 'const' }];
    if (Object.hasOwn(sup, 'enum')) return [{ path, keyword: 'enum' }];
    return this.openFaults(inner, sup, path);
  }

  private listedFaults(
    sub: SchemaObject,
    values: readonly unknown[],
    sup: SchemaObject,
    path: string,
  ): readonly InclusionFault[] {
    const possible = values.filter((value) => isListed(sub, value) && this.fits(sub, value));
    if (possible.every((value) => this.fits(sup, value))) return [];
    const lists = Object.hasOwn(sup, 'const')
      ? 'const'
      : Object.hasOwn(sup, 'enum')
        ? 'enum'
        : 'type';
    return [{ path, keyword: lists }];
  }

  private openFaults(
    sub: SchemaObject,
    sup: SchemaObject,
    path: string,
  ): readonly InclusionFault[] {
    const subTypes = typesOf(sub);
    const supTypes = typesOf(sup);
    const allowed = (type: string): boolean =>
      supTypes.has(type) || (type === 'integer' && supTypes.has('number'));
    if (![...subTypes].every(allowed)) return [{ path, keyword: 'type' }];
    const keywords = [
      ...perType
        .filter(([types]) => types.some((type) => subTypes.has(type)))
        .flatMap(([, compare]) => compare(sub, sup)),
      ...compareFormats(sub, sup),
    ];
    return [
      ...keywords.map((keyword) => ({ path, keyword })),
      ...(subTypes.has('object') ? this.memberFaults(sub, sup, path) : []),
      ...(subTypes.has('array') ? this.itemFaults(sub, sup, path) : []),
    ];
  }

  private memberFaults(
    sub: SchemaObject,
    sup: SchemaObject,
    path: string,
  ): readonly InclusionFault[] {
    const names = new Set([...Object.keys(propertiesOf(sub)), ...Object.keys(propertiesOf(sup))]);
    const additional = (schema: SchemaObject): JsonSchema =>
      (schema['additionalProperties'] ?? true) as JsonSchema;
    return [
      ...[...names].flatMap((name) =>
        this.faults(memberSchema(sub, name), memberSchema(sup, name), `${path}/${escape(name)}`),
      ),
      ...this.faults(additional(sub), additional(sup), `${path}/*`),
    ];
  }

  private itemFaults(
    sub: SchemaObject,
    sup: SchemaObject,
    path: string,
  ): readonly InclusionFault[] {
    const items = (schema: SchemaObject): JsonSchema => (schema['items'] ?? true) as JsonSchema;
    return sub['maxItems'] === 0 ? [] : this.faults(items(sub), items(sup), `${path}/*`);
  }
}

const escape = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
