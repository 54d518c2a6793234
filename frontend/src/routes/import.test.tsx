import { act, screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { keys } from '@/api/queries';
import type { Import, ImportForecast } from '@/api/types';
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
    { index: 0, header: 'Celular', samples: ['3001112233'], detected: 'phone', confidence: 0.99 },
    { index: 1, header: 'Deudor', samples: ['Ana'], detected: null, confidence: 0 },
  ],
  header_row: 1,
  settings_detected: { country: 'CO', currency: 'COP', date_order: 'dmy' },
  suggestion: null,
  report: null,
  created_by: { id: 1, name: 'Ana' },
  created_at: '2026-11-20T10:00:00Z',
  updated_at: '2026-11-20T10:00:00Z',
};
const committed: Import = {
  ...previewed,
  status: 'committed',
  report: {
    inserted: 1,
    updated: 0,
    debts_added: 0,
    unchanged: 0,
    duplicates: 1,
    rejected: 1,
    warnings: 0,
    corrected: 0,
    rows: [{ row: 4, reason: 'phone_invalid', column: 'Celular', value: '12', proposal: null }],
    warned: [],
  },
};
const forecast: ImportForecast = {
  rows: 3,
  complete: true,
  good: 1,
  debts_added: 0,
  duplicates: 0,
  rejected: 2,
  warnings: 0,
  corrections: [{ slip: 'doubled_country_code', rows: 1, examples: [{ written: '57573001112233', meant: '+573001112233' }] }],
  examples: [],
};
const file = new File(['Celular,Deudor\n3001112233,Ana\n'], 'cartera.csv', { type: 'text/csv' });

it('goes from a file to its report, and lets nobody on without the columns it needs', async () => {
  let answer = (_: Import) => {};
  const calls = serve({
    'POST /api/debtors/imports': () => previewed,
    'POST /api/debtors/imports/3/forecast': () => forecast,
    'POST /api/debtors/imports/3/commit': () => new Promise<Import>((resolve) => (answer = resolve)),
  });
  const user = await open('/debtors/import');
  await user.upload(await screen.findByLabelText('Drop your spreadsheet here', { selector: 'input' }), file);
  const commit = await screen.findByRole('button', { name: 'Import' });
  expect(commit).toBeDisabled();
  expect(screen.getByText('No column is yet: Name')).toBeVisible();

  await choose(user, screen.getByRole('combobox', { name: '“Deudor” is stored as' }), 'Name');
  await user.click(await screen.findByRole('button', { name: 'Import 1 row' }));
  act(() => queries.setQueryData([...keys.imports, 3, 'progress'], { import_id: 3, done: 2, total: 3 }));
  expect(await screen.findByText('2 of 3 rows')).toBeVisible();

  act(() => answer(committed));
  await waitFor(() => expect(screen.getByTestId('import-rejected')).toHaveTextContent('1'));
  expect(screen.getByText('The phone is not valid')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Download 2 rows to correct' })).toHaveAttribute(
    'href',
    '/api/debtors/imports/3/rejected?language=en',
  );
  expect(callsTo(calls, 'POST /api/debtors/imports/3/commit')[0]?.body).toMatchObject({
    corrections: [],
    mapping: [
      { index: 0, field: 'phone' },
      { index: 1, field: 'name' },
    ],
  });
});

it('corrects the phones that look mistyped only where a person agrees', async () => {
  const [phone, name] = previewed.columns;
  const calls = serve({
    'POST /api/debtors/imports': () => ({ ...previewed, columns: [phone, { ...name, detected: 'name', confidence: 0.9 }] }),
    'POST /api/debtors/imports/3/forecast': () => forecast,
    'POST /api/debtors/imports/3/commit': () => committed,
  });
  const user = await open('/debtors/import');
  await user.upload(await screen.findByLabelText('Drop your spreadsheet here', { selector: 'input' }), file);
  const agree = await screen.findByLabelText(/^1 phone: the country code is there twice/);
  expect(agree).not.toBeChecked();
  await user.click(agree);
  await user.click(screen.getByText('Import 1 row'));
  await screen.findByTestId('import-rejected');
  expect(callsTo(calls, 'POST /api/debtors/imports/3/commit')[0]?.body).toMatchObject({ corrections: ['doubled_country_code'] });
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
  await screen.findByRole('button', { name: 'Import' });
  expect(screen.queryByRole('alert')).toBeNull();
});

it('lets an import that the server’s end has interrupted be confirmed again', async () => {
  serve({
    'GET /api/debtors/imports/3': () => ({ ...previewed, status: 'interrupted' }),
    'POST /api/debtors/imports/3/forecast': () => forecast,
    'POST /api/debtors/imports/3/commit': () => committed,
  });
  const user = await open('/debtors/imports/3');
  expect(await screen.findByText(/the server stopped while this import/i)).toBeVisible();
  await choose(user, screen.getByRole('combobox', { name: '“Deudor” is stored as' }), 'Name');
  await user.click(await screen.findByRole('button', { name: 'Import 1 row' }));
  await screen.findByTestId('import-rejected');
  expect(screen.getByRole('link', { name: 'See the debtors' })).toHaveAttribute('href', '/debtors?import_id=3');
});

it('cancels an import while it is stored, and lets it be confirmed again as it was mapped', async () => {
  let answer = (_: Response) => {};
  const calls = serve({
    'GET /api/debtors/imports/3': () => ({ ...previewed, status: 'cancelled' }),
    'POST /api/debtors/imports/3/forecast': () => forecast,
    'POST /api/debtors/imports/3/commit': () => new Promise<Response>((resolve) => (answer = resolve)),
    'POST /api/debtors/imports/3/cancel': () => ({ ...previewed, status: 'cancelled' }),
  });
  queries.setQueryData(keys.import(3), previewed);
  const user = await open('/debtors/imports/3');
  await choose(user, await screen.findByRole('combobox', { name: '“Deudor” is stored as' }), 'Name');
  await user.click(await screen.findByRole('button', { name: 'Import 1 row' }));
  await user.click(await screen.findByRole('button', { name: 'Cancel the import' }));
  await waitFor(() => expect(callsTo(calls, 'POST /api/debtors/imports/3/cancel')).toHaveLength(1));
  act(() => answer(problem(409, 'import_cancelled', 'It was cancelled')));
  expect(await screen.findByText(/this import was cancelled while it was being stored/i)).toBeVisible();
  expect(screen.queryByRole('alert')).toBeNull();
  expect(screen.queryByRole('button', { name: 'Cancel the import' })).toBeNull();
  expect(screen.getByRole('combobox', { name: '“Deudor” is stored as' })).toHaveValue('Name');
  expect(screen.getByRole('button', { name: 'Import 1 row' })).toBeEnabled();
});

it('says how many rows can be imported at the most where the file is too long to be foreseen', async () => {
  serve({
    'GET /api/debtors/imports/3': () => ({ ...previewed, rows: 50_000 }),
    'POST /api/debtors/imports/3/forecast': () => ({ ...forecast, rows: 20_000, complete: false, good: 19_990, rejected: 10 }),
  });
  const user = await open('/debtors/imports/3');
  await choose(user, await screen.findByRole('combobox', { name: '“Deudor” is stored as' }), 'Name');
  expect(await screen.findByRole('button', { name: 'Import up to 49,990 rows' })).toBeEnabled();
});

it('lets nobody import a file of which no row can be', async () => {
  serve({
    'GET /api/debtors/imports/3': () => previewed,
    'POST /api/debtors/imports/3/forecast': () => ({ ...forecast, good: 0, rejected: 3 }),
  });
  const user = await open('/debtors/imports/3');
  await choose(user, await screen.findByRole('combobox', { name: '“Deudor” is stored as' }), 'Name');
  expect(await screen.findByRole('button', { name: 'Import 0 rows' })).toBeDisabled();
});
