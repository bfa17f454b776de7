import { MillraceError, type ErrorKind } from '../../../common/errors/millrace-error.js';

/** No subscription of this id, or it is another tenant's. */
export class SubscriptionNotFound extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.NOT_FOUND';
  readonly kind: ErrorKind = 'not-found';
  constructor(id: string) {
    super(`There is no subscription ${id}.`, { id });
  }
}

/** Another subscription has the id already. */
export class SubscriptionIdTaken extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.ID_TAKEN';
  readonly kind: ErrorKind = 'conflict';
  constructor(id: string) {
    super(`The id ${id} belongs to another subscription.`, { id });
  }
}

/** The kind is none that this installation offers. */
export class UnknownKind extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.UNKNOWN_KIND';
  readonly kind: ErrorKind = 'invalid';
  constructor(kind: string, known: readonly string[]) {
    super(`There is no kind of subscription called ${kind}.`, { kind, known });
  }
}

/** The topic to subscribe to is not registered. */
export class SubscriptionTopicUnknown extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.TOPIC_UNKNOWN';
  readonly kind: ErrorKind = 'not-found';
  constructor(topic: string) {
    super(`There is no topic ${topic}.`, { topic });
  }
}

/** `start` makes no sense, or names what the topic does not have. */
export class StartInvalid extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.START_INVALID';
  readonly kind: ErrorKind = 'invalid';
}

/** A field that is fixed for a subscription's life was given another value. */
export class FieldImmutable extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.FIELD_IMMUTABLE';
  readonly kind: ErrorKind = 'conflict';
  constructor(field: string) {
    super(`The field ${field} of a subscription cannot be changed; delete it and create another.`, {
      field,
    });
  }
}

/** The subscription's status does not allow what was asked. */
export class TransitionRefused extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.TRANSITION_REFUSED';
  readonly kind: ErrorKind = 'conflict';
  constructor(verb: string, status: string) {
    super(`Cannot ${verb} a subscription that is ${status}.`, { status });
  }
}

/** The subscription's kind has nothing of what was asked for. */
export class KindLacks extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.KIND_LACKS';
  readonly kind: ErrorKind = 'conflict';
  /** @param what in words: "dead letters" */
  constructor(subscriptionKind: string, what: string) {
    super(`A subscription of kind ${subscriptionKind} has no ${what}.`, { kind: subscriptionKind });
  }
}

/** No operation has this id, or it is of a subscription that the key does not see. */
export class OperationNotFound extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.OPERATION_NOT_FOUND';
  readonly kind: ErrorKind = 'not-found';
  constructor(id: string) {
    super(`There is no operation ${id}.`, { id });
  }
}

/** A redrive named dead letters in two ways at once. */
export class RedriveChoiceInvalid extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.REDRIVE_CHOICE_INVALID';
  readonly kind: ErrorKind = 'invalid';
  constructor() {
    super('A redrive names `ids` or a `filter`, or neither for all dead letters.');
  }
}

/** The event of a test delivery is larger than an event may be. */
export class TestEventTooLarge extends MillraceError {
  readonly code = 'SUBSCRIPTIONS.TEST_EVENT_TOO_LARGE';
  readonly kind: ErrorKind = 'too-large';
  constructor(bytes: number, limit: number) {
    super(`The event takes ${bytes} bytes as JSON; a test takes at most ${limit}.`, {
      bytes,
      limit,
    });
  }
}
