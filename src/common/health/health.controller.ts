import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { MillraceError, type ErrorKind } from '../errors/millrace-error.js';
import { PublicRoute } from '../http/route-access.js';
import { HealthRegistry, type CheckResult } from './health-registry.js';

/** The process runs but cannot do its work now; `checks` says why. */
export class NotReady extends MillraceError {
  readonly code = 'HEALTH.NOT_READY';
  readonly kind: ErrorKind = 'unavailable';
  constructor(checks: readonly CheckResult[]) {
    const failing = checks.filter(({ ok }) => !ok).map(({ name }) => name);
    super(`Not ready: ${failing.join(', ')}.`, { checks });
  }
}

/** Probes for load balancers and orchestrators; the only routes without a key. */
@ApiTags('operations')
@Controller()
export class HealthController {
  constructor(private readonly health: HealthRegistry) {}

  @Get('livez')
  @PublicRoute()
  @ApiOperation({ summary: 'Whether the process answers at all.' })
  live(): { status: 'alive' } {
    return { status: 'alive' };
  }

  @Get('readyz')
  @PublicRoute()
  @ApiOperation({ summary: 'Whether the process can do its work now, check by check.' })
  async ready(): Promise<{ status: 'ready'; checks: readonly CheckResult[] }> {
    const { ready, checks } = await this.health.readiness();
    if (!ready) throw new NotReady(checks);
    return { status: 'ready', checks };
  }
}
