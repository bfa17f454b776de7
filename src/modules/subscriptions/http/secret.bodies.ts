import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsString, Max, Min, ValidateIf } from 'class-validator';

import type { SigningSecret } from '../domain/signing-secrets.js';

const MAX_PREVIOUS_SECONDS = 604_800;

/** Body of POST …/secret/rotate; may be left out. */
export class RotateSecretBody {
  @ApiPropertyOptional({ example: 'whsec_…', description: 'Made by the server when left out.' })
  @ValidateIf((body: RotateSecretBody) => body.secret !== undefined)
  @IsString()
  readonly secret?: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: MAX_PREVIOUS_SECONDS,
    default: 86_400,
    description: 'How long former secrets sign too, at most.',
  })
  @ValidateIf((body: RotateSecretBody) => body.previousExpiresInSeconds !== undefined)
  @IsInt()
  @Min(0)
  @Max(MAX_PREVIOUS_SECONDS)
  readonly previousExpiresInSeconds?: number;
}

/** A secret that signs. */
class SecretView implements SigningSecret {
  @ApiProperty({ example: 'whsec_…' })
  readonly secret!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly expiresAt!: string | null;
}

/** The secrets that sign a webhook's requests. */
export class SecretsView {
  @ApiProperty({ type: [SecretView], description: 'Newest first.' })
  readonly secrets!: readonly SigningSecret[];
}
