import { Injectable } from '@nestjs/common';
import { Registry, collectDefaultMetrics } from 'prom-client';

/**
 * The process's metrics. Parts make theirs with `registers: [registry]`; names begin with
 * `millrace_`. Node's own (memory, event loop, garbage collection) are included.
 */
@Injectable()
export class MetricsRegistry extends Registry {
  constructor() {
    super();
    collectDefaultMetrics({ register: this });
  }
}
