/** What IncrementalAlterConfigs may do with a value (KIP-339); APPEND and SUBTRACT are for lists. */
export const ConfigOperation = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;
