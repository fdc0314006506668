import { SwitchboardError } from './errors.ts';

/** One thing that is wrong with a request. */
export interface ProblemError {
  /** Where: `call.id`, `transcript.turns[3].text`, `query.limit`. */
  location: string;
  /** What is wrong; never the value that was sent. */
  message: string;
  /** What to send instead. */
  fix: string;
}

/** The body of an `application/problem+json` answer (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  /** The path asked for, without its query. */
  instance?: string;
  request_id?: string;
  /** Stable, for programs. */
  code: string;
  errors?: ProblemError[];
}

export interface ProblemOptions {
  errors?: ProblemError[];
  /** Response headers, e.g. `retry-after`. */
  headers?: Record<string, string>;
  cause?: unknown;
}

export const problemContentType = 'application/problem+json';

const titles: Record<number, string> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timed out',
  409: 'Conflict',
  410: 'Gone',
  413: 'Body too large',
  414: 'Address too long',
  415: 'Unsupported media type',
  416: 'Range not satisfiable',
  422: 'Invalid content',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'Internal error',
  503: 'Not available',
};

/** A problem with its code, before it is known which request it answers. */
export function problem(status: number, code: string, detail: string, errors?: ProblemError[]): Problem {
  return {
    type: `urn:switchboard:problem:${code}`,
    title: titles[status] ?? 'Error',
    status,
    detail,
    code,
    ...(errors && errors.length > 0 ? { errors } : {}),
  };
}

/** Throw it to end a request with a problem. */
export class RequestProblem extends SwitchboardError {
  readonly problem: Problem;
  readonly headers: Record<string, string>;

  constructor(status: number, code: string, detail: string, options: ProblemOptions = {}) {
    super(code, detail, { retryable: status === 429 || status === 503, cause: options.cause });
    this.name = 'RequestProblem';
    this.problem = problem(status, code, detail, options.errors);
    this.headers = options.headers ?? {};
  }
}

/**
 * Any error as a problem. Only a {@link RequestProblem} speaks for itself; of other errors the status is kept when it
 * is a client's (4xx), and no text at all, since an error's text may carry values or tell what stands behind.
 */
export function toProblem(error: unknown): Problem {
  if (error instanceof RequestProblem) return error.problem;
  const status = error instanceof Error ? Reflect.get(error, 'statusCode') : undefined;
  if (typeof status !== 'number' || status < 400 || status >= 500)
    return problem(
      500,
      'internal_error',
      'The request failed on our side. Quote the request id when you ask us.',
    );
  const title = titles[status] ?? 'Error';
  return problem(status, title.toLowerCase().replaceAll(' ', '_'), `${title}.`);
}
