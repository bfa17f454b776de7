export interface Thrown {
  readonly type: string;
  readonly message: string;
  readonly cause: string | null;
}

/** What a Java client threw: the simple name of the exception's class, and that of its cause. */
export class JavaError extends Error {
  override readonly name = 'JavaError';

  readonly type: string;
  readonly causedBy: string | null;

  /** `calledFrom`: the frames that a stack trace shows. */
  constructor({ type, message, cause }: Thrown, calledFrom: string) {
    super(message);
    this.type = type;
    this.causedBy = cause;
    this.stack = `${type}: ${message}\n${calledFrom}`;
  }
}

/** The stack of this call, without the first line. */
export function framesHere(): string {
  return (new Error('here').stack ?? '').split('\n').slice(2).join('\n');
}
