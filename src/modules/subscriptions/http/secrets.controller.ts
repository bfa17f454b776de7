import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiResponse, ApiTags } from '@nestjs/swagger';

import { CurrentPrincipal } from '../../../auth/current-principal.decorator.js';
import type { Principal } from '../../../auth/principal.js';
import { RequireScope } from '../../../auth/require-scope.decorator.js';
import { GetSecrets } from '../use-cases/get-secrets.js';
import { RotateSecret } from '../use-cases/rotate-secret.js';
import { RotateSecretBody, SecretsView } from './secret.bodies.js';

/** The secrets that sign what a webhook receives. */
@ApiTags('subscriptions')
@ApiBearerAuth('key')
@Controller('subscriptions/:id/secret')
export class SecretsController {
  constructor(
    private readonly getSecrets: GetSecrets,
    private readonly rotateSecret: RotateSecret,
  ) {}

  @Get()
  @RequireScope('manage')
  @ApiResponse({ status: 200, type: SecretsView })
  async get(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
  ): Promise<SecretsView> {
    return { secrets: await this.getSecrets.execute(principal, id) };
  }

  @Post('rotate')
  @HttpCode(200)
  @RequireScope('manage')
  @ApiBody({ type: RotateSecretBody, required: false })
  @ApiResponse({ status: 200, type: SecretsView, description: 'The new secret is the first one.' })
  async rotate(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: RotateSecretBody,
  ): Promise<SecretsView> {
    return { secrets: await this.rotateSecret.execute(principal, id, body) };
  }
}
