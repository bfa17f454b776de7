import { MillraceError, type ErrorKind } from '../../../common/errors/millrace-error.js';

/** The text is no signing secret of Standard Webhooks. */
export class WebhookSecretInvalid extends MillraceError {
  readonly code = 'WEBHOOKS.SECRET_INVALID';
  readonly kind: ErrorKind = 'invalid';
  constructor() {
    super('A secret must be "whsec_" and the base64 (with padding) of 24 to 64 bytes.');
  }
}

/** The process drains: nothing more is sent. */
export class WebhookSenderClosed extends MillraceError {
  readonly code = 'WEBHOOKS.SENDER_CLOSED';
  readonly kind: ErrorKind = 'unavailable';
  constructor() {
    super('This process is shutting down and sends no more webhooks.');
  }
}

/** No webhook subscription of this uid. */
export class WebhookNotFound extends MillraceError {
  readonly code = 'WEBHOOKS.NOT_FOUND';
  readonly kind: ErrorKind = 'not-found';
  constructor(uid: string) {
    super('There is no such webhook subscription.', { uid });
  }
}

/** The subscription has no dead letter of this id. */
export class DeadLetterNotFound extends MillraceError {
  readonly code = 'WEBHOOKS.DEAD_LETTER_NOT_FOUND';
  readonly kind: ErrorKind = 'not-found';
  constructor(id: string) {
    super(`There is no dead letter ${id}.`, { id });
  }
}

/** The event does not fit into an answer over Kafka; the topic has it. */
export class DeadLetterTooLarge extends MillraceError {
  readonly code = 'WEBHOOKS.DEAD_LETTER_TOO_LARGE';
  readonly kind: ErrorKind = 'too-large';
  constructor(
    id: string,
    {
      topic,
      partition,
      offset,
    }: { readonly topic: string; readonly partition: number; readonly offset: number },
  ) {
    super(`The event of dead letter ${id} is too large to be shown here.`, {
      id,
      topic,
      partition,
      offset,
    });
  }
}

/** An event that is to be sent again is not in the topic, or not the subscription's to see. */
export class ChosenEventNotFound extends MillraceError {
  readonly code = 'WEBHOOKS.EVENT_NOT_FOUND';
  readonly kind: ErrorKind = 'not-found';
  constructor(
    index: number,
    { partition, offset }: { readonly partition: number; readonly offset: number },
  ) {
    super(`There is no event at partition ${partition}, offset ${offset}.`, {
      index,
      partition,
      offset,
    });
  }
}

/** Events that are to be sent again are too large together to be taken at once. */
export class ChosenEventsTooLarge extends MillraceError {
  readonly code = 'WEBHOOKS.EVENTS_TOO_LARGE';
  readonly kind: ErrorKind = 'too-large';
  constructor(index: number, maxBytes: number) {
    super(`The chosen events take more than ${maxBytes} bytes together.`, { index, maxBytes });
  }
}

/** No operation of this id. */
export class OperationNotFound extends MillraceError {
  readonly code = 'WEBHOOKS.OPERATION_NOT_FOUND';
  readonly kind: ErrorKind = 'not-found';
  constructor(id: string) {
    super(`There is no operation ${id}.`, { id });
  }
}
