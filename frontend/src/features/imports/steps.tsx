import { Stepper } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Where in the wizard we are: drop a file, say what its columns are, see what became of its rows. */
export function Steps({ active }: { active: 0 | 1 | 2 }) {
  const { t } = useTranslation('imports');
  return (
    <Stepper active={active} size="sm" mb="xl" allowNextStepsSelect={false}>
      <Stepper.Step label={t('step.file')} />
      <Stepper.Step label={t('step.columns')} />
      <Stepper.Step label={t('step.report')} />
    </Stepper>
  );
}
