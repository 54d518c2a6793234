import { describe, expect, it } from 'vitest';
import { insertVariable } from './insert';

describe('inserting a variable', () => {
  it('puts it at the cursor', () =>
    expect(insertVariable('Hola , hoy', 'name', 5, 5)).toEqual({ body: 'Hola {{ name }}, hoy', cursor: 15 }));
  it('replaces what is selected', () => expect(insertVariable('Hola Ana', 'name', 5, 8).body).toBe('Hola {{ name }}'));
});
