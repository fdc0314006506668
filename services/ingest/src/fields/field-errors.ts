import type { ProblemError } from '@switchboard/platform/problem';
import type { z } from 'zod';

/** As many as a person mends at once; a body of wrong turns would give thousands. */
const mostErrors = 20;

type Issue = z.core.$ZodIssue;

/** What is wrong with `body` and what to send instead, by field. Never repeats a value. */
export function fieldErrors(issues: readonly Issue[], body: unknown): ProblemError[] {
  return issues.slice(0, mostErrors).map((issue) => ({
    location: locate(issue.path),
    ...explain(issue, isMissing(issue.path, body)),
  }));
}

/** `transcript.turns[3].text` */
function locate(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('');
}

function explain(issue: Issue, missing: boolean): Omit<ProblemError, 'location'> {
  switch (issue.code) {
    case 'invalid_type':
      return {
        message: missing ? 'is missing' : `is not ${withArticle(issue.expected)}`,
        fix: `Send ${withArticle(issue.expected)}.`,
      };
    case 'invalid_value':
      return {
        message: missing ? 'is missing' : 'is not one of the values allowed',
        fix: `Send one of: ${issue.values.filter(Boolean).join(', ')}.`,
      };
    case 'too_small':
      return { message: 'is too small', fix: `Send ${limit(issue.origin, 'at least', issue.minimum)}.` };
    case 'too_big':
      return { message: 'is too big', fix: `Send ${limit(issue.origin, 'at most', issue.maximum)}.` };
    case 'custom':
      return {
        message: issue.message === 'Invalid input' ? 'is not valid' : issue.message,
        fix: fixOf(issue),
      };
    default:
      return { message: 'is not valid', fix: 'See the contract of this webhook.' };
  }
}

function withArticle(type: string): string {
  return `${/^[aeio]/.test(type) ? 'an' : 'a'} ${type}`;
}

function limit(origin: string, bound: string, value: number | bigint): string {
  if (origin === 'string') return `text of ${bound} ${value} characters`;
  if (origin === 'array') return `${bound} ${value} items`;
  return `${bound} ${value}`;
}

function fixOf(issue: Extract<Issue, { code: 'custom' }>): string {
  const fix: unknown = issue.params?.fix;
  return typeof fix === 'string' ? fix : 'See the contract of this webhook.';
}

function isMissing(path: readonly PropertyKey[], body: unknown): boolean {
  let value = body;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return true;
    value = Reflect.get(value, part);
  }
  return false;
}
