import { Loader, Stack, Text } from '@mantine/core';
import { IconTableImport } from '@tabler/icons-react';
import { useId, useState, type DragEvent } from 'react';
import classes from './file-drop.module.css';

type Props = { label: string; hint: string; accept: string; busy: boolean; onFile: (file: File) => void };

/** A place to drop one file, and a file input for those who do not drop. */
export function FileDrop({ label, hint, accept, busy, onFile }: Props) {
  const id = useId();
  const [over, setOver] = useState(false);
  const take = (files: FileList | null) => {
    const file = files?.[0];
    if (file && !busy) onFile(file);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  return (
    <label
      htmlFor={id}
      className={classes.area}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      aria-busy={busy}
    >
      <Stack align="center" gap={6} ta="center">
        {busy ? <Loader /> : <IconTableImport size={44} stroke={1.3} color="var(--mantine-primary-color-filled)" aria-hidden />}
        <Text fw={650} fz="lg" component="span">
          {label}
        </Text>
        <Text c="dimmed" size="sm" component="span" id={`${id}-hint`}>
          {hint}
        </Text>
      </Stack>
      <input
        id={id}
        type="file"
        accept={accept}
        className={classes.input}
        aria-label={label}
        aria-describedby={`${id}-hint`}
        disabled={busy}
        onChange={(event) => {
          take(event.currentTarget.files);
          event.currentTarget.value = '';
        }}
      />
    </label>
  );
}
