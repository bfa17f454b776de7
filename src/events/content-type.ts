/** What a media type says about bytes: JSON, other text, neither, or nothing at all. */
export type ContentClass = 'json' | 'text' | 'binary' | 'unknown';

const textTypes = new Set([
  'application/xml',
  'application/yaml',
  'application/x-yaml',
  'application/javascript',
  'application/graphql',
  'application/x-www-form-urlencoded',
  'application/x-ndjson',
]);

/** The media type alone, lower case: `text/plain; charset=utf-8` gives `text/plain`. */
export const mediaTypeOf = (contentType: string): string => {
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
};

const classify = (mediaType: string): ContentClass => {
  if (mediaType === '') return 'unknown';
  if (mediaType === 'application/json' || mediaType === 'text/json' || mediaType.endsWith('+json'))
    return 'json';
  const text = mediaType.startsWith('text/') || mediaType.endsWith('+xml');
  return text || textTypes.has(mediaType) ? 'text' : 'binary';
};

/** Classifies a content type; `undefined` and the empty string are `unknown`. */
export const contentClassOf = (contentType: string | undefined): ContentClass =>
  contentType === undefined
    ? 'unknown'
    : contentType === 'application/json'
      ? 'json'
      : classify(mediaTypeOf(contentType));

/** The `charset` parameter, lower case, if there is one. */
export const charsetOf = (contentType: string): string | undefined =>
  /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]?.toLowerCase();
