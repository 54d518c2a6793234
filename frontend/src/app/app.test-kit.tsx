import { cleanup, render, waitFor, within } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, vi } from 'vitest';
import { socket } from '@/api/socket';
import i18n from '@/lib/i18n';
import { App } from './app';
import { queries } from './queries';
import { router } from './router';

/** Each test of a page starts signed in, in English, with nothing cached and no socket. */
export function eachSignedIn(): void {
  beforeEach(async () => {
    await i18n.changeLanguage('en');
    vi.spyOn(socket, 'connect').mockReturnValue(socket);
  });
  afterEach(() => {
    cleanup();
    queries.clear();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
}

/** Charts draw nothing where there is no room, and in a test nothing has any. */
export function giveRoom(): void {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockImplementation(function (this: HTMLElement) {
    return new DOMRect(0, 0, 600, this.classList.contains('recharts-responsive-container') ? 400 : 20);
  });
}

/** Opens the whole app at an address; call `serve` first. */
export async function open(address: string) {
  window.history.replaceState(null, '', address);
  render(<App env="test" />);
  await router.load();
  return userEvent.setup();
}

/** The query part of where the reader is now. */
export const where = () => new URLSearchParams(window.location.search);

/** What an open select offers. */
export function optionsOf(select: HTMLElement): (string | null)[] {
  const list = document.getElementById(select.getAttribute('aria-controls') ?? '');
  return [...(list?.querySelectorAll('[role=option]') ?? [])].map((option) => option.textContent);
}

/** Chooses an option of a select. Its list counts as hidden here: jsdom lays nothing out. */
export async function choose(user: UserEvent, select: HTMLElement, option: string) {
  await user.click(select);
  const list = await waitFor(() => {
    const found = document.getElementById(select.getAttribute('aria-controls') ?? '');
    if (!found) throw new Error('The list is not open');
    return found;
  });
  await user.click(await within(list).findByRole('option', { name: option, hidden: true }));
}
