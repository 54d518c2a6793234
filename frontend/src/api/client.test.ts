import { afterEach, describe, expect, it, vi } from 'vitest';
import { chooseLanguage } from '@/lib/i18n';
import { api, unwrap } from './client';
import { fieldErrors } from './problem';

const answer = (status: number, body: unknown) =>
  vi.stubGlobal(
    'fetch',
    vi.fn(async () => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } })),
  );

describe('the API client', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('asks in the language on show', async () => {
    await chooseLanguage('pt');
    answer(200, { items: [] });
    await unwrap(api.GET('/api/pools'));
    const request = vi.mocked(fetch).mock.calls[0]?.[0] as Request;
    expect(request.headers.get('accept-language')).toBe('pt');
  });

  it('turns a problem into an error, with its fields by form path', async () => {
    answer(422, {
      type: '/problems/validation',
      title: 'T',
      status: 422,
      detail: 'D',
      errors: [{ pointer: '/members/0', code: 'x', detail: 'No' }],
    });
    const error = await unwrap(api.GET('/api/pools')).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ slug: 'validation', status: 422, title: 'T', detail: 'D' });
    expect(fieldErrors(error)).toEqual({ 'members.0': 'No' });
  });

  it('tells a lost connection from a refusal', async () => {
    vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('failed')));
    await expect(unwrap(api.GET('/api/pools'))).rejects.toMatchObject({ slug: 'network', status: 0 });
  });
});
