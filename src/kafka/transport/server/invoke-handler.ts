import type { MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { MessageContext } from './message-context.js';

/** Runs a Nest handler through its guards, pipes and interceptors. Rejects with its own error. */
export async function invokeHandler(
  handler: MessageHandler,
  payload: unknown,
  context: MessageContext,
): Promise<unknown> {
  const result: unknown = await handler(payload, context);
  return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
}
