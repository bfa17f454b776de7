import {
  defineEvent,
  defineRequest,
  defineState,
} from '../../../../src/kafka/contracts/contract.js';
import type { ModuleName } from '../../../../src/kafka/contracts/module-names.js';

/** Two modules that exist in these tests only. */
export const alpha = 'alpha' as ModuleName;
export const beta = 'beta' as ModuleName;

export interface Widget {
  readonly name: string;
  readonly size: number;
}

const string = { type: 'string' } as const;
const description = 'For tests.';

const widget = {
  type: 'object',
  required: ['name', 'size'],
  properties: { name: string, size: { type: 'integer' } },
} as const;

export const widgets = defineState<Widget>({
  name: 'alpha.widgets.v1',
  owner: alpha,
  description,
  schema: widget,
});

export const secrets = defineState<Widget>({
  name: 'alpha.secrets.v1',
  owner: alpha,
  description,
  schema: widget,
  authenticated: true,
});

export interface Made {
  readonly id: string;
  readonly key?: unknown;
  readonly value?: unknown;
}

const made = {
  type: 'object',
  required: ['id'],
  properties: { id: string },
} as const;

export const widgetMade = defineEvent<Made>({
  name: 'alpha.widget.made.v1',
  owner: alpha,
  description,
  schema: made,
});

export const widgetLost = defineEvent<Made>({
  name: 'alpha.widget.lost.v1',
  owner: alpha,
  description,
  schema: made,
});

export interface Question {
  readonly text: string;
  readonly key?: unknown;
  readonly value?: unknown;
}

const question = { type: 'object', required: ['text'], properties: { text: string } } as const;
const answer = { type: 'object', required: ['text'], properties: { text: string } } as const;

export const ask = defineRequest<Question, { readonly text: string }>({
  name: 'alpha.question.ask.v1',
  owner: alpha,
  access: 'internal',
  description,
  schema: question,
  replySchema: answer,
});

export const tell = defineRequest<Question, { readonly text: string }>({
  name: 'alpha.question.tell.v1',
  owner: alpha,
  access: 'public',
  description,
  schema: question,
  replySchema: answer,
});
