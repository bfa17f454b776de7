import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

const MAX_CURSOR = 64 * 1024;
const MAX_WAIT_SECONDS = 60;

/** Query of GET /v1/streams/{id}/events. */
export class ReadStreamQuery {
  @ApiPropertyOptional({
    description:
      'earliest, latest, an RFC 3339 time, or offset:<partition>:<offset>,…; left out: the committed cursor.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_CURSOR)
  readonly from?: string;

  @ApiPropertyOptional({ description: 'A cursor that an event came with; wins over `from`.' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_CURSOR)
  readonly cursor?: string;

  @ApiPropertyOptional({ minimum: 1, maximum: 1000, default: 100, description: 'Long poll only.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  readonly limit: number = 100;

  @ApiPropertyOptional({
    minimum: 0,
    maximum: MAX_WAIT_SECONDS,
    default: 1,
    description: 'Long poll only: how long to wait for the first event.',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(MAX_WAIT_SECONDS)
  readonly waitSeconds: number = 1;
}

/** Body of POST /v1/streams/{id}/commit. */
export class CommitBody {
  @ApiProperty({ description: 'A cursor that an event came with.' })
  @IsString()
  @MaxLength(MAX_CURSOR)
  readonly cursor!: string;
}
