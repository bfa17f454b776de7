import { PinoLogger } from './pino-logger.service.js';
import { readableLine } from './readable-stream.js';

function logged(write: (logger: PinoLogger) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(new PinoLogger('info', { write: (line) => void lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it("has Nest's context, and the stack of errors", () => {
    const [line, error] = logged((logger) => {
      logger.log('started', 'Main');
      logger.error('failed', 'Error: at x', 'Main');
    });
    expect(line).toMatchObject({ level: 30, msg: 'started', context: 'Main' });
    expect(error).toMatchObject({ level: 50, msg: 'failed', stack: 'Error: at x' });
  });

  it('has the fields of an object, but no secrets', () => {
    const [line] = logged((logger) =>
      logger.warn(
        { message: 'm', topic: 't', key: 'mr_x', headers: { authorization: 'Bearer y' } },
        'C',
      ),
    );
    expect(line).toMatchObject({ msg: 'm', topic: 't' });
    expect(JSON.stringify(line)).not.toMatch(/mr_x|Bearer/);
  });

  it('has errors with their cause', () => {
    const [line] = logged((logger) => logger.error(new Error('a', { cause: new Error('b') }), 'C'));
    expect(JSON.stringify(line)).toMatch(/a.*b/);
  });

  it('leaves out what is below its level', () => {
    expect(logged((logger) => logger.debug('x'))).toEqual([]);
  });

  it('is readable where a person looks', () => {
    const text = readableLine(
      JSON.stringify({ level: 30, time: 0, context: 'Main', msg: 'started', port: 1 }),
    );
    expect(text).toContain('00:00:00.000');
    expect(text).toContain('[Main] started {"port":1}');
  });
});
