import type { Problem } from '@switchboard/platform/problem';
import type { OperationOutcome, OperationOutcomeIssue } from 'fhir/r4.js';

export const fhirContentType = 'application/fhir+json';

/** @see https://hl7.org/fhir/R4/valueset-issue-type.html */
const codes: Readonly<Record<number, OperationOutcomeIssue['code']>> = {
  401: 'login',
  403: 'forbidden',
  404: 'not-found',
  405: 'not-supported',
  422: 'invalid',
  429: 'throttled',
  503: 'transient',
};

/** A problem as FHIR tells it: an issue for each thing that is wrong. */
export function toOperationOutcome({ status, detail, errors = [] }: Problem): OperationOutcome {
  const code = codes[status] ?? (status < 500 ? 'invalid' : 'exception');
  const issue = (diagnostics: string, expression?: string): OperationOutcomeIssue => ({
    severity: 'error',
    code,
    diagnostics,
    ...(expression !== undefined && { expression: [expression] }),
  });
  return {
    resourceType: 'OperationOutcome',
    issue:
      errors.length > 0
        ? errors.map(({ location, message, fix }) => issue(`${location} ${message}: ${fix}`, location))
        : [issue(detail)],
  };
}
