import { Gauge, type Registry } from 'prom-client';

/** Adds a gauge that reads its value when it is asked for; the name begins with `millrace_`. */
export function showGauge(
  registry: Registry,
  name: string,
  help: string,
  read: () => number,
): void {
  const gauge: Gauge = new Gauge({ name, help, registers: [], collect: () => gauge.set(read()) });
  registry.registerMetric(gauge);
}
