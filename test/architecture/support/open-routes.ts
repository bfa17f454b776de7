import type { Source } from './sources.js';

const HANDLER = /^ {2}@(Get|Post|Put|Patch|Delete|HandlesRequest)\(([^)]*)\)/;
const DECISION = /^ {2}@(RequireScope|PublicRoute)\(/;
const METHOD = /^ {2}(?:async )?\w+\(/;

/**
 * Handlers that do not say who may call them. Internal requests are signed by the transport, so
 * only public commands and REST routes need a word.
 * @param internal export names of internal request contracts
 */
export function openRoutes(
  sources: readonly Source[],
  internal: ReadonlySet<string>,
): readonly string[] {
  return sources.flatMap(({ path, text }) => {
    const faults: string[] = [];
    let decorators: string[] = [];
    for (const line of text.split('\n')) {
      if (/^ {2}@/.test(line)) decorators.push(line);
      else if (METHOD.test(line)) {
        const entry = decorators.map((each) => HANDLER.exec(each)).find((match) => match !== null);
        if (entry && !internal.has(entry[2]!) && !decorators.some((each) => DECISION.test(each)))
          faults.push(`${path}: ${entry[0].trim()}`);
        decorators = [];
      }
    }
    return faults;
  });
}
