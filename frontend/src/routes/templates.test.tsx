import { screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { open, eachSignedIn, where } from '@/app/app.test-kit';
import { callsTo, problem, serve } from '@/test-server';

eachSignedIn();

const at = '2026-11-20T10:00:00Z';
const server = {
  'GET /api/templates': () => ({
    items: [{ id: 2, name: 'Reminder', body: 'Hi *you*', media: null, variables: [], created_at: at, updated_at: at }],
  }),
  'GET /api/templates/variables': () => ({ items: [{ name: 'first_name', example: 'Ana', custom: false }] }),
  'GET /api/debtors': () => ({ items: [], next_cursor: null, total: 0 }),
  'POST /api/templates/preview': () => ({ text: 'Hi Ana', variables: ['first_name'], missing: [] }),
};

it('inserts a variable at the cursor, previews the text and saves it', async () => {
  const calls = serve({ ...server, 'PATCH /api/templates/2': () => server['GET /api/templates']().items[0] });
  const user = await open('/templates?edit=2');
  const body = await screen.findByRole<HTMLTextAreaElement>('textbox', { name: /message/i });
  body.focus();
  body.setSelectionRange(3, 8);
  await user.click(await screen.findByRole('button', { name: 'Insert first_name' }));
  expect(body).toHaveValue('Hi {{ first_name }}');
  await waitFor(() => expect(body.selectionStart).toBe('Hi {{ first_name }}'.length));
  await waitFor(() => expect(screen.getByTestId('template-preview')).toHaveTextContent('Hi Ana'));
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(where().has('edit')).toBe(false));
  expect(callsTo(calls, 'PATCH /api/templates/2')[0]?.body).toEqual({ name: 'Reminder', body: 'Hi {{ first_name }}', media_id: null });
});

it('names the line of an error in the place of the preview', async () => {
  serve({
    ...server,
    'POST /api/templates/preview': () =>
      problem(422, 'template_broken', 'The template has an error', [
        { pointer: '/body', code: 'broken', detail: 'Line 2: unexpected end' },
      ]),
  });
  await open('/templates?edit=2');
  expect(await screen.findByText('Line 2: unexpected end')).toBeVisible();
});

it('attaches a file, which may go without a word', async () => {
  const media = { id: 9, kind: 'document', mime_type: 'application/pdf', file_name: 'estado.pdf', size: 2048, created_at: at };
  const calls = serve({
    ...server,
    'POST /api/media': () => media,
    'PATCH /api/templates/2': () => server['GET /api/templates']().items[0],
  });
  const user = await open('/templates?edit=2');
  await user.clear(await screen.findByRole('textbox', { name: /message/i }));
  const group = screen.getByRole('group', { name: 'File' });
  const input = document.querySelector<HTMLInputElement>('input[type=file]');
  await user.upload(input!, new File(['%PDF-1.7'], 'estado.pdf', { type: 'application/pdf' }));
  expect(await within(group).findByRole('link', { name: 'estado.pdf' })).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(where().has('edit')).toBe(false));
  expect(callsTo(calls, 'PATCH /api/templates/2')[0]?.body).toEqual({ name: 'Reminder', body: '', media_id: 9 });
});

it('says what WhatsApp does not take', async () => {
  serve({ ...server, 'POST /api/media': () => problem(415, 'media_unsupported', 'WhatsApp does not take this file') });
  const user = await open('/templates?edit=2');
  await screen.findByRole('button', { name: 'Attach a file' });
  await user.upload(document.querySelector<HTMLInputElement>('input[type=file]')!, new File(['x'], 'x.pdf', { type: 'application/pdf' }));
  expect(await screen.findByText('WhatsApp does not take this file')).toBeVisible();
});

it('leads whoever has no template to the first one', async () => {
  serve({ ...server, 'GET /api/templates': () => ({ items: [] }) });
  const user = await open('/templates');
  await user.click(await screen.findByRole('button', { name: 'New template' }));
  expect(await screen.findByRole('heading', { name: 'New template' })).toBeVisible();
});
