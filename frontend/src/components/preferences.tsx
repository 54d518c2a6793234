import { Menu, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { IconCheck, IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, languageNames, languages } from '@/lib/i18n';

const schemes: { scheme: MantineColorScheme; icon: typeof IconSun }[] = [
  { scheme: 'auto', icon: IconDeviceDesktop },
  { scheme: 'light', icon: IconSun },
  { scheme: 'dark', icon: IconMoon },
];

/** Menu items for language and appearance. */
export function PreferenceItems() {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const mark = (chosen: boolean) => (chosen ? <IconCheck size={16} aria-hidden /> : undefined);
  return (
    <>
      <Menu.Label>{t('preferences.language')}</Menu.Label>
      {languages.map((language) => (
        <Menu.Item
          key={language}
          lang={language}
          closeMenuOnClick={false}
          aria-current={i18n.resolvedLanguage === language}
          rightSection={mark(i18n.resolvedLanguage === language)}
          onClick={() => void chooseLanguage(language)}
        >
          {languageNames[language]}
        </Menu.Item>
      ))}
      <Menu.Label>{t('preferences.scheme')}</Menu.Label>
      {schemes.map(({ scheme, icon: Icon }) => (
        <Menu.Item
          key={scheme}
          leftSection={<Icon size={16} aria-hidden />}
          closeMenuOnClick={false}
          aria-current={colorScheme === scheme}
          rightSection={mark(colorScheme === scheme)}
          onClick={() => setColorScheme(scheme)}
        >
          {t(`preferences.${scheme}`)}
        </Menu.Item>
      ))}
    </>
  );
}
