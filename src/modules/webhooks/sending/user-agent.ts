/** How requests name their sender (RFC 9110, section 10.1.5); the version is package.json's. */
export const userAgent = 'Millrace/0.1.0';
