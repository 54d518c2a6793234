import { describe, expect, it } from 'vitest';

const files = import.meta.glob<{ default: object }>(['./locales/*.json', '../features/*/locales/*.json'], { eager: true });

/** `key → its {{ placeholders }}` of everything in a file. */
function leaves(value: object, path = ''): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, inner]) =>
      typeof inner === 'string'
        ? { [path + key]: (inner.match(/{{\w+}}/g) ?? []).sort().join() }
        : leaves(inner as object, `${path}${key}.`),
    ),
  ) as Record<string, string>;
}

const folders = [...new Set(Object.keys(files).map((path) => path.replace(/\/[a-z]{2}\.json$/, '')))];

describe.each(folders)('%s', (folder) => {
  const of = (language: string) => files[`${folder}/${language}.json`]?.default ?? {};

  it.each(['es', 'pt'])('says in %s everything it says in English, with the same values', (language) => {
    expect(leaves(of(language))).toEqual(leaves(of('en')));
  });

  it('leaves nothing empty', () => {
    expect(JSON.stringify([of('es'), of('pt'), of('en')])).not.toContain('""');
  });
});
