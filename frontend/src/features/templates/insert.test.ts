import { describe, expect, it } from 'vitest';
import { insertVariable } from './insert';

describe('inserting a variable', () => {
  it('puts it at the cursor and the cursor behind it', () => {
    expect(insertVariable('Hola , paga hoy', 'name', 5, 5)).toEqual({ body: 'Hola {{ name }}, paga hoy', cursor: 15 });
  });

  it('replaces what is selected', () => {
    expect(insertVariable('Hola NOMBRE', 'name', 5, 11).body).toBe('Hola {{ name }}');
  });
});
