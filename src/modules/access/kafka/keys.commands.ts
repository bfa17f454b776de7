import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';

import { RequireScope } from '../../../auth/require-scope.decorator.js';
import { revokeKey } from '../../../kafka/contracts/access.contracts.js';
import { HandlesRequest } from '../../../kafka/transport/server/handles.decorators.js';
import { RevokeKey } from '../use-cases/revoke-key.js';

/** Commands about keys over Kafka. */
@Controller()
export class KeysCommands {
  constructor(private readonly revoke: RevokeKey) {}

  @HandlesRequest(revokeKey)
  @RequireScope('admin')
  async revokeKey(@Payload() { id }: { readonly id: string }): Promise<{ revoked: boolean }> {
    await this.revoke.execute(id);
    return { revoked: true };
  }
}
