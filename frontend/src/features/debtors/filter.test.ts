import { describe, expect, it } from 'vitest';
import { exportAddress, filterOf, isFiltered, sameFilter, withFilter } from './filter';

describe('the filter of debtors', () => {
  it('is what the address says without its order and page', () => {
    expect(filterOf({ search: 'ana', replied: false, sort: 'name', descending: true, cursor: 'c' })).toEqual({
      search: 'ana',
      replied: false,
    });
    expect(isFiltered({ sort: 'name', cursor: 'c' })).toBe(false);
    expect(isFiltered({ replied: false })).toBe(true);
  });

  it('is the same in whatever order it is said', () => {
    expect(sameFilter({ tag: 'a', overdue_from: 30 }, { overdue_from: 30, tag: 'a', search: null })).toBe(true);
    expect(sameFilter({ tag: 'a,b' }, { tag: 'b,a' })).toBe(true);
    expect(sameFilter({ tag: 'a' }, { tag: 'b' })).toBe(false);
  });

  it('is not told by the segment that it began as, which stays until another is chosen', () => {
    expect(filterOf({ tag: 'a', segment: 3 })).toEqual({ tag: 'a' });
    expect(withFilter({ tag: 'a', segment: 3, cursor: 'c' }, { tag: 'b' })).toEqual({ tag: 'b', segment: 3 });
  });

  it('is part of the address of an export', () => {
    expect(exportAddress('csv', { tag: 'a b', amount_from: 100, sort: 'name' })).toBe('/api/debtors/export.csv?tag=a+b&amount_from=100');
  });
});

describe('the order by last message', () => {
  it('has only those who ever got one, and says so wherever the filter goes', () => {
    expect(filterOf({ tag: 'a', sort: 'last_contact' })).toEqual({ tag: 'a', contacted: true });
    expect(isFiltered({ sort: 'last_contact' })).toBe(true);
    expect(exportAddress('csv', { sort: 'last_contact' })).toBe('/api/debtors/export.csv?contacted=true');
  });

  it('takes its condition with it when it goes, and leaves what a person has asked for', () => {
    expect(withFilter({ sort: 'last_contact' }, { tag: 'a' })).toEqual({ sort: 'last_contact', tag: 'a' });
    expect(withFilter({ sort: 'last_contact' }, { tag: 'a', contacted: true })).toEqual({ sort: 'last_contact', tag: 'a' });
    expect(withFilter({ sort: 'last_contact', contacted: true }, { contacted: true })).toEqual({ sort: 'last_contact', contacted: true });
  });

  it('goes when its condition goes', () => {
    expect(withFilter({ sort: 'last_contact', descending: true }, { contacted: undefined })).toEqual({});
    expect(withFilter({ sort: 'last_contact', tag: 'a' }, { contacted: false })).toEqual({ tag: 'a', contacted: false });
    expect(withFilter({ sort: 'name', cursor: 'c' }, { contacted: false })).toEqual({ sort: 'name', contacted: false });
  });
});
