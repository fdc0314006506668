/**
 * What a tool is asked with, as far as something is said: assistants fill what they don't know with null or "". What is
 * blank is left out, in `patient` too, and a `patient` of whom nothing is left, or not the name that nobody needs beside a `patient_id`; control characters become spaces.
 */
export function saidArguments(given: unknown): unknown {
  if (!isRecord(given)) return given;
  const { patient, ...rest } = given;
  const args = saidMembers(rest);
  const who = isRecord(patient) ? saidMembers(patient) : patient;
  // Whose id is said needs no name.
  const isNobody = isRecord(who) && who.first_name === undefined && args.patient_id !== undefined;
  const isBlank = isRecord(who) && Object.keys(who).length === 0;
  return saidMembers({ ...args, patient: isNobody || isBlank ? null : who });
}

function saidMembers(given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given)
      .map(([name, value]) => [name, typeof value === 'string' ? spaced(value) : value] as const)
      .filter(([, value]) => value !== null && value !== undefined && value !== ''),
  );
}

function spaced(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').trim();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
