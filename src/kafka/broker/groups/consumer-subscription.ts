import { MalformedRequest } from '../protocol/malformed-request.js';
import { Reader } from '../protocol/reader.js';
import type { Group } from './group.js';

/**
 * The topics that the members of a consumer group subscribe to, from their metadata
 * (`version int16, topics []string, …`); none for groups of another protocol type.
 */
export function subscribedTopics(group: Group): ReadonlySet<string> {
  if (group.protocolType !== 'consumer') return new Set();
  return new Set(
    group.roster.all().flatMap((member) => topicsOf(member.metadataFor(group.protocol))),
  );
}

function topicsOf(metadata: Buffer): readonly string[] {
  try {
    const reader = new Reader(metadata);
    reader.int16();
    const count = reader.int32();
    return Array.from({ length: Math.min(count, reader.remaining) }, () =>
      reader.utf8(reader.int16()),
    );
  } catch (error) {
    // Metadata is opaque to the broker: what is not a subscription names no topics.
    if (error instanceof MalformedRequest) return [];
    throw error;
  }
}
