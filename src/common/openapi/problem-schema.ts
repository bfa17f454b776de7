/** Every error body (RFC 9457) as OpenAPI shows it. */
export const problemSchema = {
  type: 'object',
  description: 'RFC 9457 problem details; some codes carry more members.',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', example: 'urn:millrace:error:REQUEST.UNKNOWN_FIELD' },
    title: { type: 'string', example: 'Unknown field' },
    status: { type: 'integer', example: 400 },
    detail: { type: 'string', description: 'One sentence for people.' },
    code: { type: 'string', description: 'Stable.', example: 'REQUEST.UNKNOWN_FIELD' },
    requestId: { type: 'string', description: 'Finds the request in the log.' },
  },
};
