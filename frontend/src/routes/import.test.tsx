import { act, screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { keys } from '@/api/queries';
import type { Import } from '@/api/types';
import { choose, open, eachSignedIn } from '@/app/app.test-kit';
import { queries } from '@/app/queries';
import { callsTo, problem, serve } from '@/test-server';

eachSignedIn();

const previewed: Import = {
  id: 3,
  file_name: 'cartera.csv',
  status: 'previewed',
  rows: 3,
  columns: [
    { index: 0, header: 'Celular', samples: ['3001112233'], detected: 'phone' },
    { index: 1, header: 'Deudor', samples: ['Ana'], detected: null },
  ],
  header_row: 1,
  settings_detected: { country: 'CO', currency: 'COP', date_order: 'dmy' },
  report: null,
  created_at: '2026-11-20T10:00:00Z',
};
const committed: Import = {
  ...previewed,
  status: 'committed',
  report: {
    inserted: 1,
    updated: 0,
    duplicates: 1,
    rejected: 1,
    rows: [{ row: 4, reason: 'phone_invalid', column: 'Celular', value: '12' }],
  },
};
const file = new File(['Celular,Deudor\n3001112233,Ana\n'], 'cartera.csv', { type: 'text/csv' });

it('goes from a file to its report, and lets nobody on without the columns it needs', async () => {
  let answer = (_: Import) => {};
  const calls = serve({
    'POST /api/debtors/imports': () => previewed,
    'POST /api/debtors/imports/3/commit': () => new Promise<Import>((resolve) => (answer = resolve)),
  });
  const user = await open('/debtors/import');
  await user.upload(await screen.findByLabelText('Drop your spreadsheet here', { selector: 'input' }), file);
  const commit = await screen.findByRole('button', { name: 'Import 3 rows' });
  expect(commit).toBeDisabled();
  expect(screen.getByText('No column is yet: Name')).toBeVisible();

  await choose(user, screen.getByRole('combobox', { name: '“Deudor” is stored as' }), 'Name');
  await user.click(commit);
  act(() => queries.setQueryData([...keys.imports, 3, 'progress'], { import_id: 3, done: 2, total: 3 }));
  expect(await screen.findByText('2 of 3 rows')).toBeVisible();

  act(() => answer(committed));
  await waitFor(() => expect(screen.getByTestId('import-rejected')).toHaveTextContent('1'));
  expect(screen.getByText('The phone is not valid')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Download rejected' })).toHaveAttribute('href', '/api/debtors/imports/3/rejected.csv');
  expect(callsTo(calls, 'POST /api/debtors/imports/3/commit')[0]?.body).toMatchObject({
    mapping: [
      { index: 0, field: 'phone' },
      { index: 1, field: 'name' },
    ],
  });
});

it('says what is wrong with a file and takes another one', async () => {
  let uploads = 0;
  serve({
    'POST /api/debtors/imports': () => (uploads++ === 0 ? problem(422, 'no_phone_column', 'No column holds phones') : previewed),
  });
  const user = await open('/debtors/import');
  const input = await screen.findByLabelText('Drop your spreadsheet here', { selector: 'input' });
  await user.upload(input, file);
  expect(await screen.findByRole('alert')).toHaveTextContent('No column holds phones');
  await user.upload(input, file);
  await screen.findByRole('button', { name: 'Import 3 rows' });
  expect(screen.queryByRole('alert')).toBeNull();
});
