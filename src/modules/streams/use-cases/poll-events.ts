import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';

import { KeyInvalid } from '../../../auth/auth.errors.js';
import type { Principal } from '../../../auth/principal.js';
import type { Cursor } from '../domain/cursor.js';
import { StreamBroken, StreamNotFound } from '../domain/streams.errors.js';
import { PollSession, type PolledItems } from '../reading/poll-session.js';
import type { PullOptions } from '../reading/reader-items.js';
import { Readers } from '../reading/readers.js';
import { StreamDirectory } from '../reading/stream-directory.js';
import { STREAM_LIMITS, type StreamLimits } from '../reading/stream-limits.js';
import { cursorOf, OpenReader } from './open-reader.js';

/** One long poll. The cursor of the answer before makes it go on as the same reader. */
@Injectable()
export class PollEvents implements OnModuleDestroy {
  private readonly logger = new Logger('PollEvents');
  private readonly sessions = new Map<string, PollSession>();

  constructor(
    @Inject(STREAM_LIMITS) private readonly limits: StreamLimits,
    private readonly directory: StreamDirectory,
    private readonly openReader: OpenReader,
    private readonly readers: Readers,
  ) {}

  /** @throws what OpenReader throws, and KeyInvalid when the key is revoked during the poll */
  async execute(
    principal: Principal,
    id: string,
    where: { readonly cursor?: string; readonly from?: string },
    options: PullOptions,
  ): Promise<PolledItems> {
    const subscription = await this.directory.require(principal, id);
    const cursor = cursorOf(subscription, where.cursor);
    const known = this.sessionOf(cursor);
    const session = known ?? (await this.openSession(principal, id, where));
    const polled = await session.poll(known && cursor, options);
    this.requireAlive(id, session, polled);
    return polled;
  }

  onModuleDestroy(): void {
    for (const session of this.sessions.values()) session.stop();
    this.sessions.clear();
  }

  private sessionOf(cursor: Cursor | undefined): PollSession | undefined {
    const session = cursor && this.sessions.get(cursor.readerId);
    return session?.reader.ended === undefined ? session : undefined;
  }

  private async openSession(
    principal: Principal,
    id: string,
    { cursor, from }: { readonly cursor?: string; readonly from?: string },
  ): Promise<PollSession> {
    const reader = await this.openReader.execute(principal, id, { resume: cursor, from });
    const session = new PollSession(reader, this.limits.pollIdleMs, (idle) => this.close(idle));
    this.sessions.set(reader.id, session);
    return session;
  }

  private close(session: PollSession): void {
    const { reader } = session;
    if (this.sessions.get(reader.id) === session) this.sessions.delete(reader.id);
    session.stop();
    this.readers.stop(reader).catch((error: unknown) => {
      this.logger.warn(`Reader ${reader.id} is let go later: ${String(error)}`);
    });
  }

  private requireAlive(id: string, session: PollSession, polled: PolledItems): void {
    if (polled.ended === undefined) return;
    this.close(session);
    if (polled.events.length > 0) return;
    if (polled.ended === 'deleted') throw new StreamNotFound(id);
    if (polled.ended === 'broken') throw new StreamBroken(id, session.reader.subscription.reason);
    if (polled.ended === 'revoked') throw new KeyInvalid();
  }
}
