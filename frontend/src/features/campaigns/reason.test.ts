import { describe, expect, it } from 'vitest';
import i18n from '@/lib/i18n';
import { reasonInWords } from './reason';

describe('a reason of the ledger', () => {
  const t = i18n.getFixedT('en', 'campaigns');

  it('is said in words, with its detail', () => {
    expect(reasonInWords(t, 'not_on_whatsapp')).toBe('This number is not on WhatsApp');
    expect(reasonInWords(t, 'promised')).toBe('Has promised to pay');
    expect(reasonInWords(t, 'template_variable_missing: due_date')).toBe('The value “due_date” is missing');
  });

  it('keeps a detail that has a colon of its own', () => {
    expect(reasonInWords(t, 'template_broken: line 2: unexpected end')).toContain('line 2: unexpected end');
  });

  it('is shown as it is when it is new to us, and not at all when there is none', () => {
    expect(reasonInWords(t, 'moon_in_the_way: full')).toBe('moon_in_the_way: full');
    expect(reasonInWords(t, null)).toBeNull();
  });
});
