import { Button, Card, Group, Radio, Stack, Text, Title } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { ImportForecast } from '@/api/types';
import { Loaded, LoadingRows } from '@/components/states';
import { formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { DifferenceTable } from './difference-table';
import { choiceOf, choices, decisionFor, type Choice, type Decision } from './duplicates';

type Props = {
  forecast: UseQueryResult<ImportForecast>;
  decision: Decision;
  /** Rows of the whole file. */
  total: number;
  /** Nothing is to be decided any more. */
  settled: boolean;
  onDecide: (decision: Decision) => void;
  /** To look at all rows. */
  onWhole: () => void;
};

/** What becomes of debtors who are known, and what the file would change of them, before anything is stored. */
export function KnownCard({ forecast, decision, total, settled, onDecide, onWhole }: Props) {
  const { t } = useTranslation('imports');
  const choice = choiceOf(decision);
  return (
    <Card mb="lg" component="section" aria-label={t('known.title')} aria-busy={forecast.isFetching}>
      <Title order={2} fz="md" mb={4}>
        {t('known.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('update_hint')}
      </Text>
      <Radio.Group aria-label={t('known.title')} value={choice} onChange={(value) => onDecide(decisionFor(value as Choice))}>
        <Group gap="lg" align="flex-start">
          {choices.map((one) => (
            <Radio key={one} value={one} disabled={settled} maw={260} label={t(`known.${one}`)} description={t(`known.${one}_hint`)} />
          ))}
        </Group>
      </Radio.Group>
      <Stack gap="sm" mt="md">
        <Loaded query={forecast} loading={<LoadingRows rows={2} height={36} />}>
          {(data) => (
            <>
              <Found forecast={data} />
              {!data.complete && (
                <Group gap="sm">
                  <Text size="sm" c="dimmed">
                    {t('known.part')}
                  </Text>
                  <Button size="compact-sm" variant="light" loading={forecast.isFetching} disabled={settled} onClick={onWhole}>
                    <Whole total={total} />
                  </Button>
                </Group>
              )}
              {data.differing > 0 && <DifferenceTable forecast={data} decision={decision} settled={settled} onDecide={onDecide} />}
            </>
          )}
        </Loaded>
      </Stack>
    </Card>
  );
}

function Whole({ total }: { total: number }) {
  const { t } = useTranslation('imports');
  const language = useLanguage();
  return t('known.look_at_all', { rows: formatNumber(total, language) });
}

/** How many rows are of somebody known, and how many of these say something else. */
function Found({ forecast }: { forecast: ImportForecast }) {
  const { t } = useTranslation('imports');
  const language = useLanguage();
  const { differing } = forecast;
  return (
    <Text size="sm" fw={600} aria-live="polite" data-testid="known-differing">
      {differing === 0 ? t('known.none') : t('known.differing', { count: differing, rows: formatNumber(differing, language) })}
    </Text>
  );
}
