/** Kinds of things that have configurations. */
export const ResourceType = { TOPIC: 2, BROKER: 4 } as const;
