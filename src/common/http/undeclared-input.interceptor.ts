import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';

import { UnknownField } from './request-errors.js';

/** Names that a handler takes from a part of the request; 'checked': a DTO or the handler decides. */
type Declared = 'checked' | ReadonlySet<string>;

interface Inputs {
  readonly query: Declared;
  readonly body: Declared;
}

type ArgsMetadata = Readonly<Record<string, { readonly data?: unknown }>>;

/** Metadata keys are `<kind>:<index of the parameter>`. */
function declaredOf(args: ArgsMetadata, kind: RouteParamtypes): Declared {
  const names = new Set<string>();
  for (const [key, { data }] of Object.entries(args)) {
    const found = Number(key.split(':', 1)[0]) as RouteParamtypes;
    const takesAll = found === RouteParamtypes.REQUEST || (found === kind && data === undefined);
    if (takesAll) return 'checked';
    if (found === kind) names.add(String(data));
  }
  return names;
}

function refuseOthers(declared: Declared, input: unknown): void {
  if (declared === 'checked' || typeof input !== 'object' || input === null) return;
  const unknown = Object.keys(input).filter((name) => !declared.has(name));
  if (unknown.length > 0) throw new UnknownField(unknown);
}

/**
 * Refuses query parameters and body fields that a handler does not take. DTO classes check their
 * own; Nest would silently drop what no parameter of the handler asks for.
 */
@Injectable()
export class UndeclaredInputInterceptor implements NestInterceptor {
  private readonly inputs = new WeakMap<object, Inputs>();

  /** @throws UnknownField */
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() === 'http') {
      const { query, body } = this.inputsOf(context);
      const request = context.switchToHttp().getRequest<FastifyRequest>();
      refuseOthers(query, request.query);
      refuseOthers(body, request.body);
    }
    return next.handle();
  }

  private inputsOf(context: ExecutionContext): Inputs {
    const handler = context.getHandler();
    let inputs = this.inputs.get(handler);
    if (!inputs) {
      const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), handler.name) ??
        {}) as ArgsMetadata;
      inputs = {
        query: declaredOf(args, RouteParamtypes.QUERY),
        body: declaredOf(args, RouteParamtypes.BODY),
      };
      this.inputs.set(handler, inputs);
    }
    return inputs;
  }
}
