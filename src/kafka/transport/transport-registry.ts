import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { ModuleName } from '../contracts/module-names.js';
import type { ModuleTransport } from './module-transport.js';
import { TransportCore } from './transport-core.js';

/** The transports of the modules in this process, and the order in which they end. */
@Injectable()
export class TransportRegistry implements OnApplicationShutdown {
  private readonly byModule = new Map<string, ModuleTransport>();
  private closing: Promise<void> | undefined;

  constructor(private readonly core: TransportCore) {}

  add(module: ModuleName, transport: ModuleTransport): void {
    this.byModule.set(module, transport);
  }

  /** The transport of a module that runs in this process. */
  find(module: string): ModuleTransport | undefined {
    return this.byModule.get(module);
  }

  get transports(): readonly ModuleTransport[] {
    return [...this.byModule.values()];
  }

  /**
   * Ends all transports: first every module fetches nothing more, finishes what is in hand, commits
   * and leaves its group, while outboxes and replies still work for the others; then outboxes are
   * flushed and clients disconnected. Nest calls it through the servers, after HTTP has ended and
   * before the databases close. Repeating it waits for the first.
   */
  close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  /** For transports that were never connected to an application. */
  onApplicationShutdown(): Promise<void> {
    return this.close();
  }

  private async closeOnce(): Promise<void> {
    await Promise.all(this.transports.map((transport) => transport.drain()));
    await Promise.all(this.transports.map((transport) => transport.close()));
    await this.core.topics.close();
  }
}
