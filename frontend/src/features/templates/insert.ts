/** `{{ name }}` as a template writes a variable. */
export const placeholder = (variable: string): string => `{{ ${variable} }}`;

/** `body` with a variable in place of the selection from `start` to `end`, and where the cursor goes. */
export function insertVariable(body: string, variable: string, start: number, end: number): { body: string; cursor: number } {
  const text = placeholder(variable);
  return { body: body.slice(0, start) + text + body.slice(end), cursor: start + text.length };
}
