/**
 * What global-setup.mjs handed on under a name.
 * @throws Error that says why it could not make it
 */
export function madeReady(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(
    process.env[`${name}_MISSING`] ?? `${name} is not set: run the project \`clients\`.`,
  );
}
