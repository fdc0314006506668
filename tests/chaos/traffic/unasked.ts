/** A time that was asked for. */
export interface AskedTime {
  practitioner: string;
  /** RFC 3339, whatever its offset. */
  start: string;
  /** Null: it was to be held. */
  patient: string | null;
}

export interface BookedTime extends AskedTime {
  id: string;
  status: string;
}

/**
 * Bookings that no answer told of, and that nobody asked for: a request without a key whose answer never came is refused when it
 * is asked again, and may have left one booking, of just that time and patient. Two of one request are one too many.
 * @returns their ids
 */
export function unasked(booked: readonly BookedTime[], unanswered: readonly AskedTime[]): string[] {
  const left = unanswered.map((one) =>
    keyOf({ ...one, status: one.patient === null ? 'held' : 'scheduled' }),
  );
  return booked
    .filter((one) => {
      const at = left.indexOf(keyOf(one));
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    })
    .map(({ id }) => id);
}

function keyOf({ practitioner, start, patient, status }: Omit<BookedTime, 'id'>): string {
  return `${practitioner} ${Date.parse(start)} ${patient} ${status}`;
}
