import { Badge, Card, Code, Group, Select, Table, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { importFields, trust, variableNames, withField, type Column, type ImportField, type Mapping } from './mapping';

const colors = { sure: 'pine', check: 'yellow', unknown: 'gray' } as const;

type Props = { columns: Column[]; mapping: Mapping; onChange: (mapping: Mapping) => void };

/** What each column becomes, and how sure that is; on a phone too without moving sideways. */
export function ColumnsCard({ columns, mapping, onChange }: Props) {
  const { t } = useTranslation('imports');
  const variables = variableNames(columns, mapping);
  return (
    <Card mb="lg" component="section" aria-label={t('columns')}>
      <Title order={2} fz="md" mb="xs">
        {t('columns')}
      </Title>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('column')}</Table.Th>
            <Table.Th visibleFrom="sm">{t('samples')}</Table.Th>
            <Table.Th w={{ base: '55%', sm: 240 }}>{t('becomes')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {columns.map((column) => (
            <Table.Tr key={column.index}>
              <Table.Td fw={600} style={{ overflowWrap: 'anywhere' }}>
                {column.header || t('no_header')}
                <Samples column={column} hiddenFrom="sm" />
              </Table.Td>
              <Table.Td visibleFrom="sm">
                <Samples column={column} />
              </Table.Td>
              <Table.Td>
                <Select
                  aria-label={t('becomes_of', { column: column.header || `${t('no_header')} ${column.index + 1}` })}
                  aria-describedby={`trust-${column.index}`}
                  data={importFields.map((field) => ({ value: field, label: t(`field.${field}`) }))}
                  value={mapping[column.index] ?? 'ignore'}
                  allowDeselect={false}
                  onChange={(field) => field && onChange(withField(mapping, column.index, field as ImportField))}
                />
                <Group gap={6} mt={4} id={`trust-${column.index}`}>
                  <Trust column={column} field={mapping[column.index]} />
                  {mapping[column.index] === 'custom' && <Code fz="xs">{`{{ ${variables[column.index]} }}`}</Code>}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

/** The first values; beside their column, or under its name where there is no room. */
function Samples({ column, hiddenFrom }: { column: Column; hiddenFrom?: 'sm' }) {
  return (
    <Text size="sm" c="dimmed" lineClamp={2} hiddenFrom={hiddenFrom}>
      {column.samples.join(' · ')}
    </Text>
  );
}

function Trust({ column, field }: { column: Column; field: ImportField | undefined }) {
  const { t } = useTranslation('imports');
  const trusted = trust(column, field);
  if (!trusted) return null;
  return (
    <Badge size="sm" variant="light" color={colors[trusted]} title={t(`trust.${trusted}_hint`)}>
      {t(`trust.${trusted}`)}
    </Badge>
  );
}
