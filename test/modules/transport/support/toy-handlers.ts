import { Controller, Inject, Injectable } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { MessageContext } from '../../../../src/kafka/transport/server/message-context.js';
import {
  HandlesEvent,
  HandlesRequest,
} from '../../../../src/kafka/transport/server/handles.decorators.js';
import {
  ask,
  beta,
  tell,
  widgetLost,
  widgetMade,
  type Made,
  type Question,
} from './toy-contracts.js';

/** What a test lets the toy modules do with a message. */
export type EventScript = (payload: Made, context: MessageContext) => Promise<void>;
export type RequestScript = (payload: Question, context: MessageContext) => Promise<unknown>;

/** The toy modules' behaviour; each test sets what it needs. */
@Injectable()
export class Script {
  onMade: EventScript = async () => {};
  onLost: EventScript = async () => {};
  onAsk: RequestScript = async ({ text }) => ({ text: `heard ${text}` });
  onTell: RequestScript = async ({ text }) => ({ text: `told ${text}` });
}

@Controller()
export class AlphaController {
  constructor(@Inject(Script) private readonly script: Script) {}

  @HandlesRequest(ask)
  ask(@Payload() payload: Question, @Ctx() context: MessageContext): Promise<unknown> {
    return this.script.onAsk(payload, context);
  }

  @HandlesRequest(tell)
  tell(@Payload() payload: Question, @Ctx() context: MessageContext): Promise<unknown> {
    return this.script.onTell(payload, context);
  }
}

@Controller()
export class BetaController {
  constructor(@Inject(Script) private readonly script: Script) {}

  @HandlesEvent(widgetMade, beta)
  made(@Payload() payload: Made, @Ctx() context: MessageContext): Promise<void> {
    return this.script.onMade(payload, context);
  }

  @HandlesEvent(widgetLost, beta)
  lost(@Payload() payload: Made, @Ctx() context: MessageContext): Promise<void> {
    return this.script.onLost(payload, context);
  }
}
