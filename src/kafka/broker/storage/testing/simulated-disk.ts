import { setImmediate } from 'node:timers/promises';
import { basename, dirname } from 'node:path';
import { type Files } from '../files.js';
import { SimulatedFile } from './simulated-file.js';

type Names = Map<string, SimulatedFile>;
type Change = (names: Names) => void;

const failure = (code: string): Error => Object.assign(new Error(code), { code });

/**
 * A file system in memory that fails as its numbers say. A power cut leaves what was synced: of a
 * file's later bytes any part, of later changes of names those up to any one of them.
 */
export class SimulatedDisk implements Files {
  /** Chance that an fdatasync fails. */
  syncFailures = 0;
  /** Chance that there is no room for a write or a small file. */
  fullness = 0;
  /** Operations until the process is killed. */
  operationsLeft = Infinity;
  private readonly names: Names = new Map();
  private readonly syncedNames: Names = new Map();
  /** Changes of names that are not synced, and how many came before them. */
  private readonly changes: Change[] = [];
  private changesBefore = 0;
  private readonly handles = new Map<number, SimulatedFile>();
  private lastHandle = 0;
  private dead = false;

  constructor(private readonly random: () => number) {}

  /** Nothing can be done with it any more. */
  get isDead(): boolean {
    return this.dead;
  }

  /** What a kill -9 of the process leaves: everything. */
  afterKill(): SimulatedDisk {
    return this.successor([...this.names].map(([path, { bytes }]) => [path, bytes]));
  }

  /** What a power cut leaves. @param atBatches of logs, whole batches only */
  afterPowerCut(atBatches: boolean): SimulatedDisk {
    const left = new Map(this.syncedNames);
    const all = this.changes.length;
    const count = this.random() < 0.5 ? all : Math.floor(this.random() * (all + 1));
    for (const change of this.changes.slice(0, count)) change(left);
    return this.successor(
      [...left].map(([path, file]) => [
        path,
        file.afterPowerCut(this.random, atBatches && path.endsWith('.log')),
      ]),
    );
  }

  open(path: string, create: boolean): number {
    this.count();
    if (!this.names.has(path)) {
      if (!create) throw failure('ENOENT');
      const made = new SimulatedFile();
      this.change((names) => void names.set(path, made));
    }
    this.lastHandle += 1;
    this.handles.set(this.lastHandle, this.names.get(path)!);
    return this.lastHandle;
  }

  close(fd: number): void {
    if (!this.handles.delete(fd)) throw failure('EBADF');
  }

  write(fd: number, bytes: Buffer, position: number): void {
    this.count();
    const file = this.fileOf(fd);
    const isFull = this.isFull();
    const written = isFull ? bytes.subarray(0, this.random() * bytes.length) : bytes;
    file.write(written, position);
    if (isFull) throw failure('ENOSPC');
  }

  async read(fd: number, into: Buffer, position: number): Promise<number> {
    const file = this.fileOf(fd);
    await setImmediate();
    return file.bytes.copy(into, 0, position);
  }

  async sync(fd: number): Promise<void> {
    this.count();
    const file = this.fileOf(fd);
    const { bytes } = file;
    await this.wait();
    if (this.random() < this.syncFailures) throw failure('EIO');
    file.synced = bytes;
  }

  truncate(fd: number, size: number): void {
    this.count();
    const file = this.fileOf(fd);
    file.truncate(size);
  }

  rename(from: string, to: string): void {
    this.count();
    if (!this.names.has(from)) throw failure('ENOENT');
    this.change((names) => {
      const file = names.get(from);
      if (file === undefined) return;
      names.set(to, file);
      names.delete(from);
    });
  }

  remove(path: string): void {
    this.count();
    if (this.names.has(path)) this.change((names) => void names.delete(path));
  }

  list(directory: string): readonly string[] {
    return [...this.names.keys()]
      .filter((path) => dirname(path) === directory)
      .map((path) => basename(path));
  }

  makeDirectory(): void {
    // There are files only, whose names say in which directory they are.
  }

  removeDirectory(path: string): void {
    for (const name of this.list(path)) this.remove(`${path}/${name}`);
  }

  async syncPath(path: string): Promise<void> {
    this.count();
    const file = this.names.get(path);
    if (file !== undefined) {
      const { bytes } = file;
      await this.wait();
      file.synced = bytes;
      return;
    }
    const until = this.changesBefore + this.changes.length;
    await this.wait();
    const synced = this.changes.splice(0, Math.max(0, until - this.changesBefore));
    for (const change of synced) change(this.syncedNames);
    this.changesBefore += synced.length;
  }

  stat(path: string): { readonly size: number; readonly modifiedAt: number } | undefined {
    const file = this.names.get(path);
    return file && { size: file.bytes.length, modifiedAt: 1 };
  }

  load(path: string): Buffer | undefined {
    const file = this.names.get(path);
    return file && Buffer.from(file.bytes);
  }

  store(path: string, bytes: Buffer): void {
    this.makeTemporary(path, bytes);
    this.rename(`${path}.tmp`, path);
  }

  async storeDurably(path: string, bytes: Buffer): Promise<void> {
    const made = this.makeTemporary(path, bytes);
    await this.wait();
    made.synced = made.bytes;
    this.rename(`${path}.tmp`, path);
    await this.wait();
    await this.syncPath(dirname(path));
  }

  private makeTemporary(path: string, bytes: Buffer): SimulatedFile {
    this.count();
    if (this.isFull()) throw failure('ENOSPC');
    const made = new SimulatedFile();
    made.bytes = Buffer.from(bytes);
    this.change((names) => void names.set(`${path}.tmp`, made));
    return made;
  }

  private successor(files: Iterable<readonly [string, Buffer]>): SimulatedDisk {
    this.dead = true;
    const disk = new SimulatedDisk(this.random);
    for (const [path, bytes] of files) {
      const file = new SimulatedFile();
      file.bytes = Buffer.from(bytes);
      file.synced = file.bytes;
      disk.names.set(path, file);
      disk.syncedNames.set(path, file);
    }
    return disk;
  }

  private fileOf(fd: number): SimulatedFile {
    const file = this.handles.get(fd);
    if (file === undefined) throw failure('EBADF');
    return file;
  }

  private change(change: Change): void {
    change(this.names);
    this.changes.push(change);
  }

  private isFull(): boolean {
    return this.random() < this.fullness;
  }

  private count(): void {
    this.operationsLeft -= 1;
    if (this.operationsLeft <= 0) this.dead = true;
    if (this.dead) throw failure('EIO');
  }

  /** Some turns of the event loop, for others to come between. */
  private async wait(): Promise<void> {
    for (let turns = Math.floor(this.random() * 6); turns > 0; turns--) await setImmediate();
    this.count();
  }
}
