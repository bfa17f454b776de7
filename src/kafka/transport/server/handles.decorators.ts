import { applyDecorators, UseFilters } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import type { EventContract, RequestContract } from '../../contracts/contract.js';
import type { ModuleName } from '../../contracts/module-names.js';
import { transportIdOf } from '../tokens.js';
import { ErrorPassThroughFilter } from './error-pass-through.filter.js';

/** Key under which a handler's contract travels in Nest's pattern extras. */
export const CONTRACT_EXTRA = 'contract';

/**
 * Makes a controller's method the handler of a request: `(@Payload() payload, @Ctx() context)`. It
 * runs in the server of the contract's owner; what it returns is the reply.
 */
export const HandlesRequest = <Request, Reply>(
  contract: RequestContract<Request, Reply>,
): MethodDecorator =>
  applyDecorators(
    MessagePattern(contract.name, transportIdOf(contract.owner), { [CONTRACT_EXTRA]: contract }),
    UseFilters(new ErrorPassThroughFilter()),
  );

/**
 * Makes a controller's method `module`'s handler of a domain event, inside the transaction that
 * holds the event's inbox row (`context.manager`). Events come at least once, handlers run once;
 * an error is retried with back-off, then the event goes to the module's dead letters.
 */
export const HandlesEvent = <Payload>(
  contract: EventContract<Payload>,
  module: ModuleName,
): MethodDecorator =>
  applyDecorators(
    EventPattern(contract.name, transportIdOf(module), {
      [CONTRACT_EXTRA]: contract,
    }) as MethodDecorator,
    UseFilters(new ErrorPassThroughFilter()),
  );
