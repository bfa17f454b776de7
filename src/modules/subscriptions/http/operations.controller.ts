import { Controller, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiResponse, ApiTags } from '@nestjs/swagger';

import { CurrentPrincipal } from '../../../auth/current-principal.decorator.js';
import type { Principal } from '../../../auth/principal.js';
import { RequireScope } from '../../../auth/require-scope.decorator.js';
import { GetOperation } from '../use-cases/get-operation.js';
import { OperationView } from './delivery.views.js';

/** Work that goes on after its request was answered with 202. */
@ApiTags('operations')
@ApiBearerAuth('key')
@Controller('operations')
export class OperationsController {
  constructor(private readonly getOperation: GetOperation) {}

  @Get(':id')
  @RequireScope('manage')
  @ApiResponse({ status: 200, type: OperationView })
  get(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<OperationView> {
    return this.getOperation.execute(principal, id);
  }
}
