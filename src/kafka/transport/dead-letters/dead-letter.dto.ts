import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, IsString } from 'class-validator';
import type { DeadLetter } from './dead-letter.js';
import type { RedriveResult } from './redrive-dead-letters.js';

/** Which dead letters to redrive. */
export class RedriveInput {
  @ApiPropertyOptional({ type: [String], description: 'Without it: all that wait.' })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  @IsString({ each: true })
  readonly ids?: string[];
}

/** A dead letter in a list; without its payload. */
export class DeadLetterView {
  @ApiProperty()
  readonly id!: string;
  @ApiProperty({ description: 'The event contract.' })
  readonly contract!: string;
  @ApiProperty({ nullable: true, type: String })
  readonly key!: string | null;
  @ApiProperty({ description: 'Topic, partition and offset it was read from.' })
  readonly origin!: { topic: string; partition: number; offset: number };
  @ApiProperty()
  readonly errorCode!: string;
  @ApiProperty()
  readonly errorMessage!: string;
  @ApiProperty()
  readonly attempts!: number;
  @ApiProperty({ format: 'date-time' })
  readonly at!: string;
}

/** A dead letter as REST shows it. */
export function showDeadLetter(letter: DeadLetter): DeadLetterView {
  const { id, contract, origin, errorCode, errorMessage, attempts, at, record } = letter;
  const { topic, partition, offset } = origin;
  return {
    id,
    contract,
    key: record.key?.toString('utf8') ?? null,
    origin: { topic, partition, offset },
    errorCode,
    errorMessage,
    attempts,
    at: new Date(at).toISOString(),
  };
}

/** Results of a redrive as all bulk answers have them. */
export const showResults = (results: readonly RedriveResult[]) => ({
  results: results.map(({ id, error }, index) =>
    error === undefined
      ? { index, id, ok: true }
      : { index, id, problem: { code: error.code, detail: error.message, ...error.details } },
  ),
});
