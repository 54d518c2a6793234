import {
  IconAddressBook,
  IconDeviceMobile,
  IconLayoutDashboard,
  IconMessage2,
  IconSend,
  IconSettings,
  IconUsersGroup,
} from '@tabler/icons-react';
import { Link, type LinkProps } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Me } from '@/api/types';

const places: { to: LinkProps['to']; name: string; icon: typeof IconSend }[] = [
  { to: '/', name: 'dashboard', icon: IconLayoutDashboard },
  { to: '/campaigns', name: 'campaigns', icon: IconSend },
  { to: '/debtors', name: 'debtors', icon: IconAddressBook },
  { to: '/templates', name: 'templates', icon: IconMessage2 },
  { to: '/pools', name: 'pools', icon: IconUsersGroup },
  { to: '/sessions', name: 'sessions', icon: IconDeviceMobile },
  { to: '/settings', name: 'settings', icon: IconSettings },
];

/** The ways through the command center. */
export function Nav({ role }: { role: Me['role'] }) {
  const { t } = useTranslation();
  return (
    <nav aria-label={t('nav.label')}>
      <ul style={{ listStyle: 'none', margin: 0, padding: 0, display: 'grid', gap: 3 }}>
        {places
          .filter(({ to }) => (to !== '/' && to !== '/settings') || role !== 'agent')
          .map(({ to, name, icon: Icon }) => (
            <li key={name}>
              <Link to={to} className="wm-nav-link" activeOptions={{ exact: to === '/', includeSearch: false }}>
                <Icon size={20} stroke={1.7} aria-hidden />
                {t(`nav.${name}`)}
              </Link>
            </li>
          ))}
      </ul>
    </nav>
  );
}
