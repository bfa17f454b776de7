import { hostOf, MAX_URL_LENGTH, requireWebhookUrl } from './webhook-url.js';

const refused = expect.objectContaining({ code: 'SUBSCRIPTIONS.WEBHOOK_URL_INVALID' });

describe("a webhook's URL", () => {
  it.each([
    ['https://example.com'],
    ['https://example.com/hooks/1?token=a%20b&x'],
    ['http://example.com:8080/hook'],
    ['HTTPS://EXAMPLE.com/Hook'],
    ['https://bücher.example/hook'],
    ['https://[2606:4700::1111]/hook'],
  ])('is kept as it was given: %s', (url) => {
    expect(requireWebhookUrl(url)).toBe(url);
  });

  it.each([
    [undefined],
    [null],
    [''],
    ['example.com/hook'],
    ['/hook'],
    ['//example.com/hook'],
    ['https://'],
    ['https:example.com'],
    ['https:///example.com'],
    ['https://exa mple.com/'],
    [' https://example.com/'],
    ['https://example.com/\n'],
    ['https://example.com/\u0000'],
    ['https:\\\\example.com\\hook'],
    ['https://example.com:99999/'],
    ['https://example.com:0/'],
    ['https://256.256.256.256/'],
    ['https://[::1/'],
    ['ftp://example.com/'],
    ['file:///etc/passwd'],
    ['gopher://example.com/'],
    ['javascript:alert(1)'],
    ['data:text/plain,hello'],
    ['ws://example.com/'],
    ['https://user@example.com/'],
    ['https://user:password@example.com/'],
    ['https://:password@example.com/'],
    ['https://example.com/#part'],
    ['https://example.com/#'],
    [`https://example.com/${'a'.repeat(MAX_URL_LENGTH)}`],
    [`https://example.com/${'ü'.repeat(MAX_URL_LENGTH / 2)}`],
  ])('is refused when it is %j', (url) => {
    expect(() => requireWebhookUrl(url)).toThrow(refused);
  });

  it('is not repeated in the error, as it may hold a password', () => {
    expect(() => requireWebhookUrl('https://user:hunter2@example.com/')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });

  it.each([
    ['http://0x7f.1/', '127.0.0.1'],
    ['http://2130706433/', '127.0.0.1'],
    ['http://017700000001/', '127.0.0.1'],
    ['http://127.0.0.1./', '127.0.0.1'],
    ['http://①②⑦.0.0.1/', '127.0.0.1'],
    ['http://[::FFFF:127.0.0.1]/', '[::ffff:7f00:1]'],
    ['http://LOCALHOST/', 'localhost'],
  ])('%s leads to one notation of its host', (url, host) => {
    expect(hostOf(requireWebhookUrl(url))).toBe(host);
  });
});
