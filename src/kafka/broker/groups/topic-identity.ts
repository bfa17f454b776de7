/** The id that the topic of a name has at present; undefined: there is none. */
export type TopicIdOf = (name: string) => string | undefined;

/**
 * Whether an offset is one in the present topic of its name: another one may have got it meanwhile.
 * Former versions did not keep the id; their offsets count.
 */
export function isOfPresentTopic(
  { topic, topicId }: { readonly topic: string; readonly topicId?: string | undefined },
  idOf: TopicIdOf,
): boolean {
  const present = idOf(topic);
  return present !== undefined && (topicId === undefined || topicId === present);
}
