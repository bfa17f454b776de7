import * as fc from 'fast-check';
import { maxUrlLength, parseWebhookUrl } from './webhook-url.js';
import { WebhookUrlInvalid } from './webhooks.errors.js';

describe("a webhook's URL", () => {
  it.each([
    'https://example.com',
    'http://example.com:8080/hook?a=1&b=%20',
    'HTTPS://EXAMPLE.com/x',
    'https://bücher.example/ä',
    'http://[2606:4700::1]:443/',
    'http://8.8.8.8/',
  ])('may be %s', (text) => {
    expect(parseWebhookUrl(text).href).toBe(new URL(text).href);
  });

  it.each([
    ['', 'http'],
    ['nowhere', 'http'],
    ['/hook', 'http'],
    ['//example.com/hook', 'http'],
    ['ftp://example.com/', 'http'],
    ['file:///etc/passwd', 'http'],
    ['javascript:alert(1)', 'http'],
    ['http:example.com', 'http'],
    ['http:///example.com', 'host'],
    ['http://', 'host'],
    ['http://?x', 'host'],
    ['http://:80/', 'must be a URL'],
    ['http://exa mple.com/', 'blanks'],
    [' http://example.com/', 'http'],
    ['http://example.com/\n', 'blanks'],
    ['ht\ttp://example.com/', 'http'],
    ['http://example.com\\@evil.example/', 'backslashes'],
    ['http://example.com/#top', 'fragment'],
    ['http://example.com/#', 'fragment'],
    ['http://user@example.com/', 'user'],
    ['http://user:secret@example.com/', 'user'],
    ['http://:secret@example.com/', 'user'],
    ['http://example.com:0/', 'port'],
    ['http://example.com:65536/', 'must be a URL'],
    ['http://1.2.3.4.5/', 'must be a URL'],
    ['http://[fe80::1%25eth0]/', 'must be a URL'],
    [`http://example.com/${'a'.repeat(maxUrlLength)}`, 'characters'],
    [`http://example.com/${'ä'.repeat(400)}`, 'characters'],
  ])('cannot be "%s"', (text, why) => {
    expect(() => parseWebhookUrl(text)).toThrow(WebhookUrlInvalid);
    expect(() => parseWebhookUrl(text)).toThrow(why);
  });

  it('is one that can be sent to, or refused by name, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string(), fc.string({ unit: 'binary' })), (text) => {
        try {
          const url = parseWebhookUrl(text);
          expect(url.protocol).toMatch(/^https?:$/);
          expect(url.hash + url.username + url.password).toBe('');
          expect(parseWebhookUrl(url.href).href).toBe(url.href);
          expect(url.pathname + url.search).toMatch(/^\/[!-~]*$/);
        } catch (error) {
          expect(error).toBeInstanceOf(WebhookUrlInvalid);
        }
      }),
    );
  });
});
