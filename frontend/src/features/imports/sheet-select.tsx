import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Import } from '@/api/types';

type Props = { preview: Import; busy: boolean; onChoose: (sheet: string) => void };

/** Which sheet to read, where a workbook has several with rows. */
export function SheetSelect({ preview, busy, onChoose }: Props) {
  const { t } = useTranslation('imports');
  const readable = (preview.sheets ?? []).filter((sheet) => sheet.readable).map((sheet) => sheet.name);
  if (readable.length < 2) return null;
  return (
    <Select
      label={t('sheet')}
      maw={320}
      mb="md"
      data={readable}
      value={preview.sheet ?? null}
      allowDeselect={false}
      disabled={busy}
      onChange={(sheet) => sheet && sheet !== preview.sheet && onChoose(sheet)}
    />
  );
}
