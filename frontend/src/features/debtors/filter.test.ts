import { describe, expect, it } from 'vitest';
import { exportAddress, filterOf, isFiltered, sameFilter } from './filter';

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
    expect(sameFilter({ tag: 'a' }, { tag: 'b' })).toBe(false);
  });

  it('is part of the address of an export', () => {
    expect(exportAddress('csv', { tag: 'a b', amount_from: 100, sort: 'name' })).toBe('/api/debtors/export.csv?tag=a+b&amount_from=100');
  });
});
