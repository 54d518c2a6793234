import createClient from 'openapi-fetch';
import i18n from 'i18next';
import { ApiError, toApiError } from './problem';
import type { paths } from './schema.gen';

/** The server's API, typed by its OpenAPI document. Relative to where the page came from. */
export const api = createClient<paths>({
  baseUrl: typeof window === 'undefined' ? undefined : window.location.origin,
  fetch: (request) => globalThis.fetch(request),
});

api.use({
  onRequest({ request }) {
    request.headers.set('Accept-Language', i18n.resolvedLanguage ?? 'en');
    return request;
  },
});

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The data of an answer; throws an `ApiError` for everything else, a lost connection included. */
export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  let settled: Answer<T>;
  try {
    settled = await answer;
  } catch {
    throw new ApiError({}, 0);
  }
  if (settled.error !== undefined || !settled.response.ok) throw toApiError(settled.error, settled.response.status);
  return settled.data as T;
}
