import { ScrollArea, Table, type TableProps } from '@mantine/core';

type Props = TableProps & { label: string; longest?: number };

/** A table that may be larger than its place; it scrolls by the keyboard too. */
export function ScrolledTable({ label, longest, ...table }: Props) {
  return (
    <ScrollArea.Autosize mah={longest} type="auto" viewportProps={{ tabIndex: 0, role: 'group', 'aria-label': label }}>
      <Table aria-label={label} {...table} />
    </ScrollArea.Autosize>
  );
}
