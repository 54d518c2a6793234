import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Campaign } from '@/api/types';
import { formatInstant, formatWallTime } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { useNow } from '@/lib/use-now';
import { wallTime, zoneHere, zoneLabel } from '@/lib/zones';
import { closedUntil } from './own-hours';
import { forecastQuery } from './queries';

/** Says that a campaign which sends is outside of its own hours, and until when; null where it is not. */
export function useClosed({ id, plan }: Campaign, sends: boolean): string | null {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  const now = useNow(15_000);
  const { data: forecast } = useQuery({ ...forecastQuery(id), enabled: sends });
  const opens = sends ? closedUntil(plan, new Date(now)) : null;
  if (!opens) return null;
  if (plan.ends_at && wallTime(plan.ends_at, plan.time_zone) <= opens) return t('history.own_hours_over');
  // The server knows the hours of the contact policy besides, but tells only where nothing has left lately.
  if (forecast?.unknown === 'closed' && forecast.until) return t('history.own_hours', { when: formatInstant(forecast.until, language) });
  const when = formatWallTime(opens, language);
  return t('history.own_hours', { when: plan.time_zone === zoneHere() ? when : `${when} (${zoneLabel(plan.time_zone)})` });
}
