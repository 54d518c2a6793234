import type { components } from './schema.gen';

type Problem = components['schemas']['Problem'];

/** What the server, or the way to it, answered instead of success. `title` and `detail` are in the reader's language. */
export class ApiError extends Error {
  /** The end of the problem's `type`, for example `name_taken`; `network` when no answer came. */
  readonly slug: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly fields: NonNullable<Problem['errors']>;

  constructor(problem: Partial<Problem>, status: number) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.name = 'ApiError';
    this.slug = problem.type?.split('/').pop() ?? (status === 0 ? 'network' : 'unknown');
    this.status = status;
    this.title = problem.title ?? '';
    this.detail = problem.detail ?? '';
    this.fields = problem.errors ?? [];
  }
}

/** Reads `value` as a problem, whatever it is. */
export function toApiError(value: unknown, status: number): ApiError {
  return new ApiError(typeof value === 'object' && value !== null ? (value as Partial<Problem>) : {}, status);
}

/**
 * The server's field errors by form path: `/members/0` becomes `members.0`.
 * Empty when the error is not about fields.
 */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(error.fields.map((field) => [field.pointer.replace(/^\//, '').replaceAll('/', '.'), field.detail]));
}

/** Those of one part of a form, by path within it; what is said of the part as a whole has the empty path. */
export function errorsUnder(part: string, errors: Record<string, string>): Record<string, string> {
  const own = Object.entries(errors).filter(([path]) => path === part || path.startsWith(`${part}.`));
  return Object.fromEntries(own.map(([path, text]) => [path.slice(part.length + 1), text]));
}
