import { screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { Import, ListedImport } from '@/api/types';
import { eachSignedIn, open } from '@/app/app.test-kit';
import { callsTo, problem, serve } from '@/test-server';

eachSignedIn();

const stored: ListedImport = {
  id: 3,
  file_name: 'cartera.csv',
  status: 'committed',
  rows: 1200,
  counts: { inserted: 1190, updated: 4, debts_added: 0, unchanged: 3, duplicates: 2, rejected: 1, warnings: 0, corrected: 0 },
  created_by: { id: 1, name: 'Ana' },
  created_at: '2026-11-20T10:00:00Z',
  updated_at: '2026-11-20T10:01:00Z',
};
const profile = {
  id: 'ab12',
  file_name: 'cartera.csv',
  used_at: '2026-11-20T10:00:00Z',
  columns: [
    { header: 'celular', field: 'phone', variable: null },
    { header: 'asesor', field: 'custom', variable: 'asesor' },
    { header: '', field: 'ignore', variable: null },
  ],
};
const cut: ListedImport = { ...stored, id: 2, file_name: 'octubre.xlsx', status: 'interrupted', counts: null };

it('lists imports with who, when and what came of them, page by page', async () => {
  const calls = serve({
    'GET /api/debtors/imports': ({ query }) =>
      query.get('cursor') ? { items: [cut], next_cursor: null } : { items: [stored], next_cursor: 'c2' },
    'GET /api/debtors/imports/profiles': () => ({ items: [] }),
  });
  const user = await open('/debtors/imports');
  const row = within(await screen.findByTestId('import-3'));
  for (const text of ['cartera.csv', '1,200 rows', 'Ana', 'Stored', '1,190', '4']) expect(row.getByText(text)).toBeVisible();
  expect(row.getByRole('link', { name: 'cartera.csv' })).toHaveAttribute('href', '/debtors/imports/3');
  expect(row.getByRole('link', { name: /^Download the rows/ })).toHaveAttribute('href', '/api/debtors/imports/3/rejected?language=en');
  await user.click(screen.getByRole('button', { name: 'Show more' }));
  const older = within(await screen.findByTestId('import-2'));
  expect(older.getByText('Interrupted')).toBeVisible();
  expect(older.queryByRole('link', { name: /^Download/ })).toBeNull();
  expect(callsTo(calls, 'GET /api/debtors/imports').map(({ query }) => query.get('cursor'))).toEqual([null, 'c2']);
});

it('says that the next ones cannot be had, keeps those that are there, and asks again', async () => {
  let fails = true;
  serve({
    'GET /api/debtors/imports': ({ query }) =>
      !query.get('cursor')
        ? { items: [stored], next_cursor: 'c2' }
        : fails
          ? problem(422, 'validation', 'No such page')
          : { items: [cut], next_cursor: null },
    'GET /api/debtors/imports/profiles': () => ({ items: [] }),
  });
  const user = await open('/debtors/imports');
  await user.click(await screen.findByRole('button', { name: 'Show more' }));
  expect(await screen.findByText('No such page')).toBeVisible();
  expect(screen.getByTestId('import-3')).toBeVisible();
  fails = false;
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByTestId('import-2')).toBeVisible();
  expect(screen.queryByText('No such page')).toBeNull();
});

it('lists the saved mappings, and forgets one after asking', async () => {
  let items = [profile];
  const calls = serve({
    'GET /api/debtors/imports': () => ({ items: [stored], next_cursor: null }),
    'GET /api/debtors/imports/profiles': () => ({ items }),
    'DELETE /api/debtors/imports/profiles/ab12': () => {
      items = [];
      return new Response(null, { status: 204 });
    },
  });
  const user = await open('/debtors/imports');
  const saved = await screen.findByTestId('import-profile');
  expect(saved).toHaveTextContent('celular → Phone · asesor → asesor · (no header) → Do not import');
  await user.click(within(saved).getByRole('button', { name: 'Forget the mapping of cartera.csv' }));
  await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Forget' }));
  expect(await screen.findByText(/^None yet: importing a file/)).toBeVisible();
  expect(callsTo(calls, 'DELETE /api/debtors/imports/profiles/ab12')).toHaveLength(1);
});

it('says that nothing was imported yet, and where to begin', async () => {
  serve({ 'GET /api/debtors/imports': () => ({ items: [], next_cursor: null }) });
  await open('/debtors/imports');
  expect(await screen.findByText('Nothing was imported yet')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Import a file' })).toHaveAttribute('href', '/debtors/import');
});

it('says so where the list cannot be had, or may not be seen', async () => {
  let answer = () => problem(422, 'validation', 'No such page');
  serve({ 'GET /api/debtors/imports': () => answer() });
  const user = await open('/debtors/imports');
  expect(await screen.findByText('No such page')).toBeVisible();
  answer = () => problem(403, 'forbidden', 'Not yours');
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('You do not have access to this part')).toBeVisible();
});

const report: Import['report'] = {
  inserted: 1190,
  updated: 4,
  debts_added: 0,
  unchanged: 3,
  duplicates: 2,
  rejected: 1,
  warnings: 0,
  corrected: 0,
  changed_meanwhile: 0,
  changed_rows: [],
  rows: [],
  warned: [],
};
const done: Import = {
  id: 3,
  file_name: 'cartera.csv',
  status: 'committed',
  rows: 1200,
  columns: [],
  header_row: 1,
  settings_detected: { country: 'CO', currency: 'COP', date_order: 'dmy' },
  suggestion: null,
  report,
  created_by: { id: 1, name: 'Ana' },
  created_at: '2026-11-20T10:00:00Z',
  updated_at: '2026-11-20T10:01:00Z',
};

it('undoes an import once a person has read what that is', async () => {
  const calls = serve({
    'GET /api/debtors/imports/3': () => done,
    'POST /api/debtors/imports/3/undo': () => ({ ...done, status: 'undone' }),
  });
  const user = await open('/debtors/imports/3');
  await user.click(await screen.findByRole('button', { name: 'Undo the import' }));
  const question = within(await screen.findByRole('dialog'));
  const text = question.getByText(/1,190 debtors that it added are deleted.* 4 debtors that it updated get their former values back/);
  // It fades in.
  await waitFor(() => expect(text).toBeVisible());
  expect(callsTo(calls, 'POST /api/debtors/imports/3/undo')).toHaveLength(0);
  await user.click(question.getByRole('button', { name: 'Undo the import' }));
  const told = await screen.findByText('The import of cartera.csv was undone.');
  await waitFor(() => expect(told).toBeVisible());
  expect(await screen.findByText(/^This import was undone/)).toBeVisible();
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Undo the import' })).toBeNull());
  expect(screen.getByTestId('import-inserted')).toHaveTextContent('1,190');
});

it('tells of debts that an import added to people who were known, and takes back one that did no more', async () => {
  const report = { ...done.report, inserted: 0, updated: 0, debts_added: 7 };
  serve({ 'GET /api/debtors/imports/3': () => ({ ...done, report }) });
  const user = await open('/debtors/imports/3');
  expect(await screen.findByTestId('import-debts_added')).toHaveTextContent('7');
  await user.click(await screen.findByRole('button', { name: 'Undo the import' }));
  const question = within(await screen.findByRole('dialog'));
  expect(question.getByText(/^7 debts that it added to people known are deleted\./)).toBeInTheDocument();
});

it('says why an import cannot be undone', async () => {
  serve({
    'GET /api/debtors/imports/3': () => done,
    'POST /api/debtors/imports/3/undo': () => problem(409, 'import_written_to', 'Messages were planned to 4 of them'),
  });
  const user = await open('/debtors/imports/3');
  await user.click(await screen.findByRole('button', { name: 'Undo the import' }));
  await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Undo the import' }));
  const why = await screen.findByText('Messages were planned to 4 of them');
  await waitFor(() => expect(why).toBeVisible());
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(screen.getByRole('button', { name: 'Undo the import' })).toBeEnabled();
});
