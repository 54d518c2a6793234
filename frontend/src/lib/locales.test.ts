import { describe, expect, it } from 'vitest';

type Texts = { [key: string]: string | Texts };

const files = import.meta.glob<Texts>('/src/**/locales/*.json', { eager: true, import: 'default' });
const folders = [...new Set(Object.keys(files).map((path) => path.replace(/[^/]+$/, '')))];

/** Every text by its path; plural forms count once, since languages have different ones. */
function flat(texts: Texts, path = ''): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]) => {
    const name = `${path}${key}`.replace(/_(zero|one|two|few|many|other)$/, '');
    return typeof value === 'string' ? [[name, value] as [string, string]] : flat(value, `${path}${key}.`);
  });
}

const variables = (text: string) => [...new Set(text.match(/\{\{\s*\w+/g))].sort();

describe.each(folders)('%s', (folder) => {
  const texts = (language: string) => new Map(flat(files[`${folder}${language}.json`] ?? {}));

  it('says the same in three languages', () => {
    const names = [...texts('en').keys()].sort();
    expect(names.length).toBeGreaterThan(0);
    for (const language of ['es', 'pt']) expect([...texts(language).keys()].sort()).toEqual(names);
  });

  it('has no empty text and the same variables in each', () => {
    for (const language of ['es', 'pt']) {
      const others = texts(language);
      for (const [name, text] of texts('en')) {
        expect(others.get(name)?.trim(), `${language} ${name}`).toBeTruthy();
        expect(variables(others.get(name) ?? ''), `${language} ${name}`).toEqual(variables(text));
      }
    }
  });
});
