import { Box, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Campaign, CampaignForecast } from '@/api/types';
import { LoadingRows } from '@/components/states';
import { formatInstant, formatNumber, formatRelative } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { useNow } from '@/lib/use-now';
import { readableRate } from './pace';
import { forecastQuery } from './queries';

/** How fast a campaign sends and when it will have sent all, or why nobody can say. */
export function ForecastPanel({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns');
  const shown = campaign.status === 'running' || campaign.status === 'paused';
  const { data, isError } = useQuery({ ...forecastQuery(campaign.id), enabled: shown });
  // What it says is not worth an error of its own: the rest of the page tells.
  if (!shown || isError) return null;
  if (!data) return <LoadingRows rows={2} />;
  return (
    <Stack gap="md">
      <Pace perMinute={data.per_minute} />
      <End forecast={data} />
      {data.ends_at && campaign.follow_ups.length > 0 && (
        <Text size="xs" c="dimmed">
          {t('speed.follow_ups')}
        </Text>
      )}
    </Stack>
  );
}

function Pace({ perMinute }: { perMinute: number | null }) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  if (perMinute === null) return <Figure label={t('speed.pace')} value={t('speed.unknown')} unknown />;
  const { rate, per } = readableRate(perMinute);
  return <Figure label={t('speed.pace')} value={t(`speed.per_${per}`, { rate: formatNumber(rate, language) })} hint={t('speed.lately')} />;
}

function End({ forecast: { ends_at: at, unsent, unknown, until } }: { forecast: CampaignForecast }) {
  const { t } = useTranslation('campaigns');
  const language = useLanguage();
  const now = useNow(10_000);
  const label = t('speed.end');
  if (at) {
    const soon = formatRelative(at, now, language);
    const hint = unsent > 0 ? `${soon}. ${t('speed.unsent', { messages: formatNumber(unsent, language) })}` : soon;
    return <Figure label={label} value={formatInstant(at, language)} hint={hint} />;
  }
  const why = unknown && t(`speed.${unknown}${until ? '_until' : ''}`, { when: formatInstant(until, language) });
  return <Figure label={label} value={t('speed.unknown')} unknown hint={why ?? undefined} />;
}

type FigureProps = { label: string; value: string; hint?: string; unknown?: boolean };

/** A value under its name. */
function Figure({ label, value, hint, unknown = false }: FigureProps) {
  return (
    <Box component="dl" m={0}>
      <Text component="dt" size="sm" c="dimmed">
        {label}
      </Text>
      <Text component="dd" m={0} fz={unknown ? 'md' : 20} fw={unknown ? 500 : 650} ff="heading" c={unknown ? 'dimmed' : undefined} lh={1.3}>
        {value}
      </Text>
      {hint && (
        <Text component="dd" m={0} size="xs" c="dimmed">
          {hint}
        </Text>
      )}
    </Box>
  );
}
