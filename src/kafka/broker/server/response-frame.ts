import { Writer } from '../protocol/writer.js';
import type { ParsedRequest } from './request-header.js';

/** Response header (v0; v1 for flexible versions adds tagged fields), after the frame's length. */
export function beginResponse({ api, version, correlationId }: ParsedRequest): Writer {
  const writer = new Writer();
  writer.int32(0);
  if (correlationId !== undefined) writer.int32(correlationId);
  if (version >= api.flexibleFrom && !api.plainResponseHeader) writer.unsignedVarint(0);
  return writer;
}

/** The frame's buffers, its length set. */
export function endResponse(writer: Writer): readonly Buffer[] {
  const length = writer.length - 4;
  const buffers = writer.finish();
  buffers[0]!.writeInt32BE(length, 0);
  return buffers;
}
