import { Injectable } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';

/** One operation of an OpenAPI 3.0 path item. */
export type OpenApiOperation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** The methods that routes use. */
export type OpenApiMethod = 'get' | 'put' | 'post' | 'delete' | 'patch' | 'head';

/** Where routes that are not Nest controllers describe themselves. */
@Injectable()
export class OpenApiRegistry {
  private readonly added: OpenAPIObject['paths'] = {};

  /**
   * Adds an operation.
   * @param path whole path with parameters in braces: `/v1/topics/{topic}/events`
   */
  add(path: string, method: OpenApiMethod, operation: OpenApiOperation): void {
    this.added[path] = { ...this.added[path], [method]: operation };
  }

  /** All added path items. */
  get paths(): OpenAPIObject['paths'] {
    return this.added;
  }
}
