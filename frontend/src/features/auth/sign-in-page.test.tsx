import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { chooseLanguage } from '@/lib/i18n';
import { SignInPage } from './sign-in-page';

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
const demo = { username: 'demo', password: 'demo-password', phone_url: '/phone', workbook_url: '/x' };

function open() {
  const root = createRootRoute();
  const page = createRoute({ getParentRoute: () => root, path: '/sign-in', component: SignInPage });
  const inside = createRoute({ getParentRoute: () => root, path: '/', component: () => <p>inside</p> });
  const router = createRouter({
    routeTree: root.addChildren([page, inside]),
    history: createMemoryHistory({ initialEntries: ['/sign-in'] }),
  });
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient()}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

afterEach(() => vi.unstubAllGlobals());

it('signs in as the demo user with two clicks', async () => {
  await chooseLanguage('en');
  const sent: unknown[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    if (request.url.endsWith('/api/info')) return json(200, { version: '1', setup_needed: false, demo });
    sent.push(await request.json());
    return json(200, { id: 1, username: 'demo', name: 'Demo', role: 'admin' });
  });
  open();
  await userEvent.click(await screen.findByRole('button', { name: 'Use the demo user' }));
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(await screen.findByText('inside')).toBeInTheDocument();
  expect(sent).toEqual([{ username: 'demo', password: 'demo-password' }]);
});

it('shows the server’s refusal in its own words', async () => {
  await chooseLanguage('es');
  vi.stubGlobal('fetch', async (request: Request) =>
    request.url.endsWith('/api/info')
      ? json(200, { version: '1', setup_needed: false, demo: null })
      : json(401, { type: '/problems/credentials_wrong', title: 'No coincide', status: 401, detail: 'Usuario o contraseña incorrectos.' }),
  );
  open();
  await userEvent.type(await screen.findByLabelText(/^Usuario/), 'ana');
  await userEvent.type(screen.getByLabelText(/^Contraseña/), 'mala');
  await userEvent.click(screen.getByRole('button', { name: 'Entrar' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('Usuario o contraseña incorrectos.');
});
