import i18n from 'i18next';
import { initReactI18next } from 'react-i18next';

export const languages = ['es', 'pt', 'en'] as const;
export type Language = (typeof languages)[number];
export const languageNames: Record<Language, string> = { es: 'Español', pt: 'Português', en: 'English' };

const stored = 'whatsmassive.language';

/** One namespace per feature, named as its folder, and `common` for what all share. */
const files = import.meta.glob<{ default: Record<string, unknown> }>(['./locales/*.json', '../features/*/locales/*.json'], { eager: true });

function resources() {
  const all: Record<string, Record<string, Record<string, unknown>>> = {};
  for (const [path, file] of Object.entries(files)) {
    const language = /([a-z]{2})\.json$/.exec(path)?.[1] ?? 'en';
    const namespace = /features\/([^/]+)\//.exec(path)?.[1] ?? 'common';
    (all[language] ??= {})[namespace] = file.default;
  }
  return all;
}

/** What the reader chose, else the first of the browser's languages that we have, else English. */
export function preferredLanguage(): Language {
  const wanted = [localStorage.getItem(stored), ...navigator.languages];
  for (const tag of wanted) {
    const found = languages.find((language) => tag?.toLowerCase().startsWith(language));
    if (found) return found;
  }
  return 'en';
}

i18n.on('languageChanged', (language) => {
  document.documentElement.lang = language;
});

void i18n.use(initReactI18next).init({
  resources: resources(),
  lng: preferredLanguage(),
  fallbackLng: 'en',
  supportedLngs: [...languages],
  defaultNS: 'common',
  showSupportNotice: false,
  interpolation: { escapeValue: false },
});

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(stored, language);
  await i18n.changeLanguage(language);
}

export default i18n;
