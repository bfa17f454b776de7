import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
/** Below node_modules, so that the copy finds the packages. */
const copies = join(root, 'node_modules/.cache');

/** A bug: what a line of the compiled program says instead of what it should. */
export interface Plant {
  /** Path in `dist/`. */
  readonly file: string;
  /** Text that occurs there exactly once. */
  readonly text: string;
  readonly becomes: string;
}

/** The compiled program with a bug in it. Nothing in Millrace itself knows of such copies. */
export class PlantedCopy {
  private constructor(private readonly directory: string) {}

  /** @throws Error when the text is not there, or more than once: the bug has to be planted anew */
  static async make(plant?: Plant): Promise<PlantedCopy> {
    await mkdir(copies, { recursive: true });
    const directory = await mkdtemp(join(copies, 'millrace-planted-'));
    const copy = new PlantedCopy(directory);
    await cp(join(root, 'package.json'), join(directory, 'package.json'));
    await cp(join(root, 'dist'), join(directory, 'dist'), { recursive: true });
    if (plant !== undefined) await copy.change(plant);
    return copy;
  }

  /** What to run. */
  get program(): string {
    return join(this.directory, 'dist/main.js');
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  private async change({ file, text, becomes }: Plant): Promise<void> {
    const path = join(this.directory, 'dist', file);
    const parts = (await readFile(path, 'utf8')).split(text);
    if (parts.length !== 2) {
      throw new Error(`dist/${file} has ${parts.length - 1} times: ${text}`);
    }
    await writeFile(path, parts.join(becomes));
  }
}
