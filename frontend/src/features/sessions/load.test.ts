import { expect, it } from 'vitest';
import { formatCpu, formatMemory } from './load';

it('writes memory and processor time as the reader does', () => {
  expect(formatMemory(157_286_400, 'en')).toBe('150 MB');
  expect(formatMemory(null, 'en')).toBe('—');
  expect(formatCpu(0.0254, 'en')).toBe('2.5%');
  expect(formatCpu(0.0254, 'es')).toBe('2,5\u00a0%');
  expect(formatCpu(null, 'pt')).toBe('—');
});
