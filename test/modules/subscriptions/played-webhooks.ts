import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { CommonModule } from '../../../src/common/common.module.js';
import { configureHttp } from '../../../src/common/http/configure-http.js';
import { httpAdapter } from '../../../src/common/http/http-adapter.js';
import { ConfigurationModule } from '../../../src/config/configuration.module.js';
import type { Settings } from '../../../src/config/settings.js';
import { DatabaseModule } from '../../../src/database/database.module.js';
import type { RequestContract } from '../../../src/kafka/contracts/contract.js';
import * as contracts from '../../../src/kafka/contracts/webhooks.contracts.js';
import { LogModule } from '../../../src/kafka/log/log.module.js';
import {
  connectTransports,
  startTransports,
} from '../../../src/kafka/transport/connect-transports.js';
import type { UnitOfWork } from '../../../src/kafka/transport/outbox/unit-of-work.js';
import { transportMigrations } from '../../../src/kafka/transport/persistence/transport-migrations.js';
import { HandlesRequest } from '../../../src/kafka/transport/server/handles.decorators.js';
import type { MessageContext } from '../../../src/kafka/transport/server/message-context.js';
import { StateTablesModule } from '../../../src/kafka/transport/state/state-tables.module.js';
import { unitOfWorkOf } from '../../../src/kafka/transport/tokens.js';
import { TransportModule } from '../../../src/kafka/transport/transport.module.js';

type Answer = (question: never, patienceMs: number) => unknown;
type AnyRequest = RequestContract<unknown, unknown>;

/** What a played module answers, and what it was asked. */
class Script {
  readonly answers = new Map<string, Answer>();
  readonly asked: { readonly contract: string; readonly question: unknown }[] = [];

  answer(contract: string, question: unknown, patienceMs: number): unknown {
    this.asked.push({ contract, question });
    const answer = this.answers.get(contract);
    if (answer === undefined) throw new Error(`the test has no answer to ${contract}`);
    return answer(question as never, patienceMs);
  }
}

/** A controller with a handler for each request that the module webhooks answers. */
function controllerOf(script: Script) {
  class PlayedHandlers {}
  const requests = Object.values(contracts).filter(
    (contract) => 'kind' in contract && contract.kind === 'request',
  ) as AnyRequest[];
  for (const contract of requests) {
    const value = (question: unknown, { deadline }: MessageContext) =>
      script.answer(contract.name, question, (deadline ?? 0) - Date.now());
    const descriptor = { value, writable: true, configurable: true };
    Object.defineProperty(PlayedHandlers.prototype, contract.name, descriptor);
    Payload()(PlayedHandlers.prototype, contract.name, 0);
    Ctx()(PlayedHandlers.prototype, contract.name, 1);
    HandlesRequest(contract)(PlayedHandlers.prototype, contract.name, descriptor);
  }
  Controller()(PlayedHandlers);
  return PlayedHandlers;
}

/** A process that answers for the module webhooks, over the real transport, what a test says. */
export class PlayedWebhooks {
  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly script: Script,
  ) {}

  static async start(settings: Settings): Promise<PlayedWebhooks> {
    const script = new Script();
    class Played {}
    Module({
      imports: [
        ConfigurationModule.forRoot(settings),
        CommonModule,
        LogModule,
        StateTablesModule.forRoot(),
        DatabaseModule.forModule({
          module: 'webhooks',
          entities: [],
          migrations: [...transportMigrations],
        }),
        TransportModule.forModule({ module: 'webhooks' }),
      ],
      controllers: [controllerOf(script)],
    })(Played);
    const app = await NestFactory.create<NestFastifyApplication>(Played, httpAdapter(), {
      logger: false,
      abortOnError: false,
    });
    configureHttp(app);
    connectTransports(app);
    await app.init();
    await startTransports(app);
    return new PlayedWebhooks(app, script);
  }

  /**
   * Answers a request from now on; an error that is thrown is the answer too. `patienceMs` is how
   * long the asker still waits.
   */
  answers<Request, Reply>(
    contract: RequestContract<Request, Reply>,
    answer: (question: Request, patienceMs: number) => Reply,
  ): void {
    this.script.answers.set(contract.name, answer as Answer);
  }

  /** All questions of a contract, oldest first. */
  asked<Request, Reply>(contract: RequestContract<Request, Reply>): readonly Request[] {
    const questions = this.script.asked.filter((each) => each.contract === contract.name);
    return questions.map(({ question }) => question as Request);
  }

  /** Says that an endpoint is gone. */
  async disable(subscriptionUid: string): Promise<void> {
    const unitOfWork = this.app.get<UnitOfWork>(unitOfWorkOf('webhooks'), { strict: false });
    const at = new Date().toISOString();
    const event = { subscriptionUid, reason: 'gone', at } as const;
    await unitOfWork.run((tx) => {
      tx.publishEvent(contracts.webhookEndpointDisabled, subscriptionUid, event);
      return Promise.resolve();
    });
  }

  stop(): Promise<void> {
    return this.app.close();
  }
}
