/**
 * A reason not to start that the person at the terminal can put right. Its message is one line that
 * names what to change; main prints that line alone and exits with 1. No caller of the API ever
 * sees it, so it carries no code.
 */
export class StartRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An environment variable holds what it must not. */
export class SettingInvalid extends StartRefused {
  constructor(
    readonly variable: string,
    expectation: string,
  ) {
    super(`${variable} ${expectation}.`);
  }
}
