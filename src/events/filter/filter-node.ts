/** How a value is compared. */
export type TextTest = 'exact' | 'prefix' | 'suffix';

/** A JSON value that is neither object nor array. */
export type Scalar = string | number | boolean | null;

/** A condition on an attribute in its canonical string form. */
export interface AttributeCondition {
  readonly op: 'attribute';
  readonly test: TextTest;
  readonly name: string;
  readonly value: string;
}

/** A condition on a field of the JSON payload, at a path of member names and array indexes. */
export type DataCondition =
  | { readonly op: 'data'; readonly test: 'exact'; readonly path: DataPath; readonly value: Scalar }
  | {
      readonly op: 'data';
      readonly test: 'prefix' | 'suffix';
      readonly path: DataPath;
      readonly value: string;
    }
  | {
      readonly op: 'data';
      readonly test: 'exists';
      readonly path: DataPath;
      readonly value: boolean;
    };

/** Steps from the payload's root. */
export type DataPath = readonly string[];

/** A parsed filter. `all` of nothing is true, `any` of nothing is false. */
export type FilterNode =
  | AttributeCondition
  | DataCondition
  | { readonly op: 'all' | 'any'; readonly of: readonly FilterNode[] }
  | { readonly op: 'not'; readonly of: FilterNode };
