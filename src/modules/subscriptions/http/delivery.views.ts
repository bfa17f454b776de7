import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

import type {
  AttemptFault,
  DeadLetterSummary,
  OperationState,
} from '../../../kafka/contracts/delivery-shapes.js';
import type { JsonCloudEvent } from '../../../kafka/contracts/ingest.contracts.js';
import type { TestDelivery } from '../../../kafka/contracts/webhooks.contracts.js';

/** What went wrong with an attempt. */
export class AttemptFaultView implements AttemptFault {
  @ApiProperty({ example: 'WEBHOOKS.TIMEOUT_HEADERS' })
  readonly code!: string;

  @ApiProperty()
  readonly message!: string;

  @ApiPropertyOptional({ type: 'integer', description: "The receiver's status, if it answered." })
  readonly status?: number;

  @ApiPropertyOptional({ description: 'The begin of its answer.' })
  readonly answer?: string;
}

/** A dead letter without its payload. */
export class DeadLetterSummaryView implements DeadLetterSummary {
  @ApiProperty()
  readonly id!: string;

  @ApiProperty({ example: 'msg_…' })
  readonly messageId!: string;

  @ApiProperty({ type: 'integer' })
  readonly partition!: number;

  @ApiProperty({ type: 'integer' })
  readonly offset!: number;

  @ApiProperty({ type: String, nullable: true })
  readonly key!: string | null;

  @ApiProperty()
  readonly eventId!: string;

  @ApiProperty()
  readonly source!: string;

  @ApiProperty()
  readonly type!: string;

  @ApiProperty({ type: 'integer' })
  readonly attempts!: number;

  @ApiProperty({ format: 'date-time' })
  readonly deadAt!: string;

  @ApiProperty({ description: 'What the last attempt met.' })
  readonly error!: AttemptFaultView;
}

/** A dead letter with its event. */
export class DeadLetterWithEventView extends DeadLetterSummaryView {
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'The event in CloudEvents JSON format.',
  })
  readonly event!: JsonCloudEvent;
}

/** A page of dead letters. */
export class DeadLetterPageView {
  @ApiProperty({ type: [DeadLetterSummaryView] })
  readonly data!: readonly DeadLetterSummary[];

  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

/** A redrive or resend and how far it has come. */
export class OperationView implements OperationState {
  @ApiProperty({ example: 'op-webhook-…' })
  readonly id!: string;

  @ApiProperty()
  readonly subscriptionUid!: string;

  @ApiProperty({ enum: ['redrive', 'resend'] })
  readonly type!: OperationState['type'];

  @ApiProperty({ enum: ['running', 'done'] })
  readonly status!: OperationState['status'];

  @ApiProperty({ type: 'integer', description: 'Events that it is about.' })
  readonly total!: number;

  @ApiProperty({ type: 'integer' })
  readonly delivered!: number;

  @ApiProperty({ type: 'integer', description: 'Events that became dead letters again.' })
  readonly failed!: number;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly finishedAt!: string | null;
}

/** What a test delivery met. */
export class TestDeliveryView implements TestDelivery {
  @ApiProperty({ description: 'Whether the endpoint answered 2xx.' })
  readonly delivered!: boolean;

  @ApiProperty({ example: 'msg_…' })
  readonly messageId!: string;

  @ApiProperty({ type: 'integer', nullable: true })
  readonly status!: number | null;

  @ApiProperty({ type: 'integer' })
  readonly durationMs!: number;

  @ApiProperty({ type: AttemptFaultView, nullable: true })
  readonly error!: AttemptFaultView | null;
}
