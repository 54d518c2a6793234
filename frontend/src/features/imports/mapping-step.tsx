import { Alert, Button, Group } from '@mantine/core';
import { IconTableImport } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Import, ImportForecast } from '@/api/types';
import { formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { ColumnsCard } from './columns-card';
import { CommitProgress } from './commit-progress';
import { decided } from './duplicates';
import { ForecastCard } from './forecast-card';
import { KnownCard } from './known-card';
import {
  commitPlan,
  detectedMapping,
  detectedSettings,
  missingFields,
  suggested,
  type CommitPlan,
  type ImportSettings,
  type Mapping,
} from './mapping';
import { forecastQuery } from './queries';
import { SettingsCard } from './settings-card';
import { SuggestionNote } from './suggestion-note';

type Props = {
  preview: Import;
  committing: boolean;
  onBack: () => void;
  onCommit: (plan: CommitPlan) => void;
};

/** What each column is, and how to read its values: as with the last file of the same shape, or else as the server detected it. */
export function MappingStep({ preview, committing, onBack, onCommit }: Props) {
  const { t } = useTranslation('imports');
  const detected = { mapping: detectedMapping(preview.columns), settings: detectedSettings(preview.settings_detected) };
  const [{ mapping, settings }, setPlan] = useState(() => (preview.suggestion ? suggested(preview.suggestion.plan) : detected));
  const [whole, lookAtAll] = useState(false);
  // What was decided of single rows was decided on what they said then.
  const setSettings = (change: Partial<ImportSettings>) => setPlan({ mapping, settings: { ...settings, except_rows: [], ...change } });
  const setMapping = (changed: Mapping) => setPlan({ mapping: changed, settings: { ...settings, except_rows: [] } });
  const missing = missingFields(mapping);
  const plan = commitPlan(preview.columns, mapping, settings);
  const forecast = useQuery({
    ...forecastQuery(preview, plan, whole),
    enabled: missing.length === 0 && !committing,
    placeholderData: keepPreviousData,
  });
  const foreseen = missing.length > 0 ? undefined : forecast.data;
  const unseen = settings.ask && (!forecast.isSuccess || forecast.isPlaceholderData);
  return (
    <>
      {preview.suggestion && <SuggestionNote suggestion={preview.suggestion} onDetected={() => setPlan(detected)} />}
      <ColumnsCard columns={preview.columns} mapping={mapping} onChange={setMapping} />
      <SettingsCard settings={settings} onChange={setSettings} />
      {missing.length > 0 ? (
        <Alert color="yellow" mb="md" role="status">
          {t('missing', { fields: missing.map((field) => t(`field.${field}`)).join(', ') })}
        </Alert>
      ) : (
        <>
          <ForecastCard
            forecast={forecast}
            agreed={settings.corrections}
            settled={committing}
            onCorrections={(corrections) => setSettings({ corrections })}
          />
          <KnownCard
            forecast={forecast}
            decision={settings}
            total={preview.rows}
            settled={committing}
            onDecide={(decision) => setPlan({ mapping, settings: { ...settings, ...decision } })}
            onWhole={() => lookAtAll(true)}
          />
        </>
      )}
      {committing && <CommitProgress id={preview.id} total={preview.rows} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack} disabled={committing}>
          {t('other_file')}
        </Button>
        <Button
          leftSection={<IconTableImport size={18} />}
          disabled={missing.length > 0 || unseen || (foreseen?.complete && foreseen.good === 0)}
          loading={committing}
          onClick={() => onCommit(decided(plan, foreseen))}
        >
          <CommitLabel forecast={foreseen} total={preview.rows} />
        </Button>
      </Group>
    </>
  );
}

/** How many rows can be imported; of a long file, whose first rows were looked at, how many at the most. */
function CommitLabel({ forecast, total }: { forecast: ImportForecast | undefined; total: number }) {
  const { t } = useTranslation('imports');
  const language = useLanguage();
  if (!forecast) return t('commit_any');
  const count = forecast.complete ? forecast.good : total - forecast.duplicates - forecast.rejected;
  return t(forecast.complete ? 'commit' : 'commit_most', { count, rows: formatNumber(count, language) });
}
