import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import { expect, it } from 'vitest';

it('the generated types are those of the API document', async () => {
  const generated = astToString(await openapiTS(pathToFileURL('openapi.json')));
  const committed = readFileSync('src/api/schema.gen.ts', 'utf8');
  // The command line writes a notice above the types.
  expect(committed.endsWith(generated)).toBe(true);
});
