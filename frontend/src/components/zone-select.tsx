import { Select } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatClock } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import { useNow } from '@/lib/use-now';
import { allZones, zoneHere, zoneLabel, zoneMatches } from '@/lib/zones';

type Props = { label: string; zone: string; error?: string; onChange: (zone: string) => void };

/** A time zone, found by typing a part of its name, and what time it is there. */
export function ZoneSelect({ label, zone, error, onChange }: Props) {
  const { t } = useTranslation();
  const language = useLanguage();
  const now = useNow(30_000);
  const data = useMemo(() => allZones(zone, zoneHere()).map((value) => ({ value, label: zoneLabel(value) })), [zone]);
  return (
    <Select
      label={label}
      description={t('zone.now', { time: formatClock(now, zone, language) })}
      searchable
      allowDeselect={false}
      nothingFoundMessage={t('zone.none')}
      limit={100}
      data={data}
      filter={({ options, search, limit }) =>
        options.filter((option) => !('group' in option) && zoneMatches(option.label, search)).slice(0, limit)
      }
      value={zone}
      error={error}
      onChange={(value) => value && onChange(value)}
    />
  );
}
