import { Alert, Card, Group, Stack, Switch, Text, Title } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { ImportForecast } from '@/api/types';
import { Loaded, LoadingRows } from '@/components/states';
import { formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { withCorrection, type PhoneSlip } from './mapping';
import { ReasonTable } from './reason-table';

type Props = {
  forecast: UseQueryResult<ImportForecast>;
  /** The kinds of slips that are corrected. */
  agreed: PhoneSlip[];
  /** Nothing is to be decided any more. */
  settled: boolean;
  onCorrections: (corrections: PhoneSlip[]) => void;
};

/** What would become of the rows, and the phones that look mistyped, for a person to decide on. */
export function ForecastCard({ forecast, agreed, settled, onCorrections }: Props) {
  const { t } = useTranslation('imports');
  return (
    <Card mb="lg" component="section" aria-label={t('forecast.title')} aria-busy={forecast.isFetching}>
      <Title order={2} fz="md" mb="xs">
        {t('forecast.title')}
      </Title>
      <Loaded query={forecast} loading={<LoadingRows rows={1} />}>
        {(data) => (
          <Stack gap="md">
            <Counts forecast={data} />
            {data.corrections.length > 0 && (
              <Stack gap="xs" role="group" aria-label={t('corrections.title')}>
                <Text fw={600} size="sm">
                  {t('corrections.title')}
                </Text>
                <Text size="sm" c="dimmed">
                  {t('corrections.hint')}
                </Text>
                {data.corrections.map(({ slip, rows, examples }) => (
                  <Switch
                    key={slip}
                    checked={agreed.includes(slip)}
                    disabled={settled}
                    onChange={(event) => onCorrections(withCorrection(agreed, slip, event.currentTarget.checked))}
                    label={t('corrections.kind', { count: rows, slip: t(`slip.${slip}`) })}
                    description={examples.map(({ written, meant }) => `${written} → ${meant}`).join(' · ')}
                  />
                ))}
              </Stack>
            )}
            {data.examples.length > 0 && <ReasonTable rows={data.examples} height={260} />}
          </Stack>
        )}
      </Loaded>
    </Card>
  );
}

function Counts({ forecast }: { forecast: ImportForecast }) {
  const { t } = useTranslation('imports');
  const language = useLanguage();
  const counts = ['good', 'inserted', 'updated', 'debts_added', 'unchanged', 'duplicates', 'rejected', 'warnings'] as const;
  return (
    <div aria-live="polite">
      {!forecast.complete && (
        <Text size="sm" c="dimmed">
          {t('forecast.first', { rows: formatNumber(forecast.rows, language) })}
        </Text>
      )}
      <Group gap="lg">
        {counts
          .filter((name) => name === 'good' || forecast[name] > 0)
          .map((name) => (
            <Text key={name} size="sm">
              {t(`forecast.${name}`)}: <b data-testid={`forecast-${name}`}>{formatNumber(forecast[name], language)}</b>
            </Text>
          ))}
      </Group>
      {forecast.good === 0 && (
        <Alert color="yellow" mt="xs">
          {t('forecast.none')}
        </Alert>
      )}
    </div>
  );
}
