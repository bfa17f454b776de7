import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';

import { AuthGuard } from './auth.guard.js';
import { KeyVerifier } from './key-verifier.js';
import { LargeBodyGate } from './large-body.gate.js';

/** Checks every request's key, in every process, whichever modules it runs. */
@Global()
@Module({
  providers: [
    KeyVerifier,
    AuthGuard,
    LargeBodyGate,
    { provide: APP_GUARD, useExisting: AuthGuard },
  ],
  exports: [KeyVerifier, AuthGuard],
})
export class AuthModule {}
