import { act, screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { keys } from '@/api/queries';
import type { Import, ImportForecast } from '@/api/types';
import { choose, open, eachSignedIn } from '@/app/app.test-kit';
import { queries } from '@/app/queries';
import type { CommitPlan } from '@/features/imports/mapping';
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
    changed_meanwhile: 0,
    changed_rows: [],
    rows: [{ row: 4, reason: 'phone_invalid', column: 'Celular', value: '12', proposal: null }],
    warned: [],
  },
};
const forecast: ImportForecast = {
  rows: 3,
  complete: true,
  good: 1,
  inserted: 1,
  updated: 0,
  debts_added: 0,
  unchanged: 0,
  differing: 0,
  differences: [],
  seen_at: '2026-11-20T10:00:00Z',
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

it('takes every kind of file that the server reads, and names them', async () => {
  serve({});
  await open('/debtors/import');
  const input = await screen.findByLabelText('Drop your spreadsheet here', { selector: 'input' });
  for (const kind of ['.xlsx', '.xlsm', '.xlsb', '.xls', '.ods', '.csv', '.tsv']) {
    expect(input).toHaveAttribute('accept', expect.stringContaining(kind));
    expect(input).toHaveAccessibleDescription(expect.stringContaining(kind));
  }
});

it('does not take a file from somebody who may not import it', async () => {
  serve({ 'GET /api/auth/me': () => ({ id: 2, username: 'leo', name: 'Leo', role: 'agent' }) });
  await open('/debtors/import');
  expect(await screen.findByText('You do not have access to this part')).toBeVisible();
  expect(screen.queryByLabelText('Drop your spreadsheet here')).toBeNull();
});

it('shows by which name a template finds a column, apart from what every debtor has', async () => {
  const [phone] = previewed.columns;
  const amount = { index: 1, header: 'Amount', samples: ['15'], detected: null, confidence: 0 };
  serve({ 'GET /api/debtors/imports/3': () => ({ ...previewed, columns: [phone, amount] }) });
  await open('/debtors/imports/3');
  expect(await screen.findByText('{{ amount_2 }}')).toBeVisible();
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
    'POST /api/debtors/imports': () => (uploads++ === 0 ? problem(415, 'unsupported_file', 'It is no spreadsheet') : previewed),
  });
  const user = await open('/debtors/import');
  const input = await screen.findByLabelText('Drop your spreadsheet here', { selector: 'input' });
  await user.upload(input, file);
  expect(await screen.findByRole('alert')).toHaveTextContent('It is no spreadsheet');
  await user.upload(input, file);
  await screen.findByRole('button', { name: 'Import' });
  expect(screen.queryByRole('alert')).toBeNull();
});

it('asks where the phones are if nothing tells', async () => {
  const unknown: Import = { ...previewed, columns: previewed.columns.map((column) => ({ ...column, detected: null, confidence: 0 })) };
  const calls = serve({
    'GET /api/debtors/imports/3': () => unknown,
    'POST /api/debtors/imports/3/forecast': () => forecast,
  });
  const user = await open('/debtors/imports/3');
  expect(await screen.findByText('No column is yet: Phone, Name')).toBeVisible();
  await choose(user, screen.getByRole('combobox', { name: '“Celular” is stored as' }), 'Phone');
  expect(screen.getByText('No column is yet: Name')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Import' })).toBeDisabled();
  await choose(user, screen.getByRole('combobox', { name: '“Deudor” is stored as' }), 'Name');
  expect(await screen.findByRole('button', { name: 'Import 1 row' })).toBeEnabled();
  expect(callsTo(calls, 'POST /api/debtors/imports/3/forecast')).toHaveLength(1);
});

it('lets an import that the server’s end has interrupted be confirmed again, as it was mapped', async () => {
  const plan: CommitPlan = {
    mapping: [
      { index: 0, field: 'phone' },
      { index: 1, field: 'name' },
    ],
    country: 'MX',
    currency: 'MXN',
    date_order: 'dmy',
  };
  const suggestion = { file_name: 'cartera.csv', used_at: '2026-11-20T10:00:00Z', confirmed: true, plan };
  serve({
    'GET /api/debtors/imports/3': () => ({ ...previewed, status: 'interrupted', suggestion }),
    'POST /api/debtors/imports/3/forecast': () => forecast,
    'POST /api/debtors/imports/3/commit': () => committed,
  });
  const user = await open('/debtors/imports/3');
  expect(await screen.findByText(/the server stopped while this import/i)).toBeVisible();
  expect(screen.getByText('Mapped as it was confirmed before.')).toBeVisible();
  expect(screen.getByRole('combobox', { name: '“Deudor” is stored as' })).toHaveValue('Name');
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

const named: Import = {
  ...previewed,
  columns: previewed.columns.map((column, at) => (at === 1 ? { ...column, detected: 'name' as const } : column)),
};
const differs = (row: number, name: string): ImportForecast['differences'][number] => ({
  row,
  debtor_id: row,
  phone: '+573001112233',
  name,
  changes: [
    { what: 'name', of: null, before: name, after: `${name} Ruiz` },
    { what: 'due_date', of: 'TC-1', before: null, after: '2026-12-01' },
    { what: 'custom', of: 'company', before: 'Banco Uno', after: 'Banco Dos' },
  ],
});
const knowing: ImportForecast = { ...forecast, good: 3, updated: 2, differing: 2, differences: [differs(2, 'Ana'), differs(3, 'Luis')] };

it('shows what would change of those who are known, and lets a person decide row by row', async () => {
  const calls = serve({
    'GET /api/debtors/imports/3': () => named,
    'POST /api/debtors/imports/3/forecast': () => knowing,
    'POST /api/debtors/imports/3/commit': () => committed,
  });
  const user = await open('/debtors/imports/3');
  expect(await screen.findByText('2 rows say something else than is known:')).toBeVisible();
  const ana = screen.getByTestId('differs-2');
  expect(ana).toHaveTextContent('Name: Ana → Ana Ruiz');
  expect(ana).toHaveTextContent('Due date (TC-1): — → Dec 1, 2026');
  expect(ana).toHaveTextContent('Company: Banco Uno → Banco Dos');
  expect(screen.queryByRole('checkbox')).toBeNull();

  await user.click(screen.getByRole('radio', { name: 'Decide row by row' }));
  expect(screen.getByRole('checkbox', { name: 'Update Ana (row 2)' })).not.toBeChecked();
  await user.click(screen.getByRole('button', { name: 'Update all' }));
  await user.click(screen.getByRole('checkbox', { name: 'Update Luis (row 3)' }));
  await user.click(screen.getByRole('button', { name: 'Import 3 rows' }));
  await screen.findByTestId('import-rejected');
  const decision = { ask: true, update_existing: true, except_rows: [3], seen_at: knowing.seen_at };
  expect(callsTo(calls, 'POST /api/debtors/imports/3/commit')[0]?.body).toMatchObject(decision);
  expect(callsTo(calls, 'POST /api/debtors/imports/3/forecast')).toHaveLength(1);
});

it('turns the pages of many rows to decide on by buttons that have names', async () => {
  const differences = Array.from({ length: 21 }, (_, index) => differs(2 + index, `Debtor ${index}`));
  serve({
    'GET /api/debtors/imports/3': () => named,
    'POST /api/debtors/imports/3/forecast': () => ({ ...knowing, differing: 21, differences }),
  });
  const user = await open('/debtors/imports/3');
  await user.click(await screen.findByRole('radio', { name: 'Decide row by row' }));
  await user.click(screen.getByRole('button', { name: 'Next rows' }));
  expect(await screen.findByTestId('differs-22')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Previous rows' }));
  expect(await screen.findByTestId('differs-2')).toBeVisible();
});

it('forgets what was decided of rows once they would say something else', async () => {
  const calls = serve({
    'GET /api/debtors/imports/3': () => named,
    'POST /api/debtors/imports/3/forecast': () => knowing,
    'POST /api/debtors/imports/3/commit': () => committed,
  });
  const user = await open('/debtors/imports/3');
  await user.click(await screen.findByRole('radio', { name: 'Decide row by row' }));
  await user.click(await screen.findByRole('checkbox', { name: 'Update Ana (row 2)' }));
  await choose(user, screen.getByRole('combobox', { name: /^Dates/ }), 'month / day / year');
  await waitFor(() => expect(callsTo(calls, 'POST /api/debtors/imports/3/forecast')).toHaveLength(2));
  expect(screen.getByRole('checkbox', { name: 'Update Ana (row 2)' })).not.toBeChecked();
});

it('has a person who is asked wait until they can see, and says why they cannot', async () => {
  let fails = true;
  serve({
    'GET /api/debtors/imports/3': () => named,
    'POST /api/debtors/imports/3/forecast': () => (fails ? problem(500, 'internal', 'Something broke') : knowing),
  });
  const user = await open('/debtors/imports/3');
  await user.click(await screen.findByRole('radio', { name: 'Decide row by row' }));
  expect((await screen.findAllByText('Something broke'))[0]).toBeVisible();
  expect(screen.getByRole('button', { name: 'Import' })).toBeDisabled();
  fails = false;
  await user.click(screen.getAllByRole('button', { name: 'Try again' })[0] as HTMLElement);
  expect(await screen.findByRole('button', { name: 'Import 3 rows' })).toBeEnabled();
});

it('looks at the whole of a long file when asked to, and says what is not listed', async () => {
  const calls = serve({
    'GET /api/debtors/imports/3': () => ({ ...named, rows: 50_000 }),
    'POST /api/debtors/imports/3/forecast': ({ query }) =>
      query.get('whole') ? { ...knowing, rows: 50_000, differing: 9 } : { ...knowing, rows: 20_000, complete: false },
  });
  const user = await open('/debtors/imports/3');
  await user.click(await screen.findByRole('button', { name: 'Look at all 50,000 rows' }));
  expect(await screen.findByText('9 rows say something else than is known:')).toBeVisible();
  expect(screen.queryByRole('button', { name: /^Look at all/ })).toBeNull();
  await user.click(screen.getByRole('radio', { name: 'Decide row by row' }));
  expect(screen.getByText('7 more rows are not listed and left as they are.')).toBeVisible();
  expect(callsTo(calls, 'POST /api/debtors/imports/3/forecast')).toHaveLength(2);
});

it('tells of rows that changed nothing since somebody was quicker', async () => {
  const report = { ...(committed.report as NonNullable<Import['report']>), changed_meanwhile: 2, changed_rows: [2, 7] };
  serve({ 'GET /api/debtors/imports/3': () => ({ ...committed, report }) });
  await open('/debtors/imports/3');
  expect(await screen.findByText(/^2 rows changed nothing: .* \(rows 2, 7\)/)).toBeVisible();
});
