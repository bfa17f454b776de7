/**
 * Settings of the embedded Postgres: small in memory, durable, on 127.0.0.1 alone. Five modules use
 * about 25 connections. No parallel or replication workers: this is a laptop's database.
 */
const parameters = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '48MB',
  work_mem: '4MB',
  maintenance_work_mem: '32MB',
  max_wal_size: '256MB',
  min_wal_size: '32MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_worker_processes: '2',
  max_parallel_workers: '0',
  max_parallel_workers_per_gather: '0',
  autovacuum_max_workers: '1',
  io_method: 'sync',
  jit: 'off',
  huge_pages: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
} as const;

/** Arguments of the `postgres` program. */
export const postgresArguments = (dataDir: string, port: number): string[] => [
  '-D',
  dataDir,
  '-p',
  String(port),
  ...Object.entries(parameters).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
];
