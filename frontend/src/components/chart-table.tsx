import { formatNumber } from '@/lib/format';
import { useLanguage } from '@/lib/use-language';
import classes from './chart-table.module.css';

type Props<Name extends string> = {
  label: string;
  /** What the first column has, and where a row has it. */
  head: { name: Name; label: string };
  series: { name: Name; label: string }[];
  rows: Record<Name, string | number>[];
};

/** What a chart draws, as a table for those who do not see it. The chart beside it is hidden from them. */
export function ChartTable<Name extends string>({ label, head, series, rows }: Props<Name>) {
  const language = useLanguage();
  return (
    <div className={classes.unseen}>
      <table aria-label={label}>
        <thead>
          <tr>
            {[head, ...series].map((column) => (
              <th key={column.name} scope="col">
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              <th scope="row">{row[head.name]}</th>
              {series.map(({ name }) => (
                <td key={name}>{formatNumber(Number(row[name]), language)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
