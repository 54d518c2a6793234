import { vi } from 'vitest';

export type Call = { method: string; path: string; query: URLSearchParams; body: unknown };
/** Answers a call with a body (200), or with a `Response` of its own. */
export type Answers = Record<string, (call: Call) => unknown>;

const signedIn: Answers = {
  'GET /api/info': () => ({ version: '0.1.0', setup_needed: false, demo: null }),
  'GET /api/auth/me': () => ({ id: 1, username: 'ana', name: 'Ana', role: 'supervisor' }),
};

/** Stands in for the server at the wire. Answers by `METHOD /path`; what it was not told of is a 404. Returns the calls as they come. */
export function serve(answers: Answers): Call[] {
  const known = { ...signedIn, ...answers };
  const calls: Call[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    const url = new URL(request.url);
    const text = await request.text();
    const json = request.headers.get('content-type')?.includes('json');
    const call: Call = { method: request.method, path: url.pathname, query: url.searchParams, body: json ? JSON.parse(text) : text };
    calls.push(call);
    const answer = (await known[`${call.method} ${call.path}`]?.(call)) ?? problem(404, 'not_found', 'Not found');
    return answer instanceof Response ? answer : Response.json(answer);
  });
  return calls;
}

/** A problem as the server states one. */
export function problem(status: number, slug: string, detail: string, errors: { pointer: string; code: string; detail: string }[] = []) {
  const body = { type: `/problems/${slug}`, title: slug, status, detail, errors };
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } });
}

/** The calls to one address. */
export function callsTo(calls: Call[], address: string): Call[] {
  return calls.filter(({ method, path }) => `${method} ${path}` === address);
}
