const ids = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{32,}/g;
const times = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)?/g;

/** What a text tells by itself: ids and times are drawn, and may have any digits in them. */
export function withoutIds(text: string): string {
  return text.replaceAll(ids, 'id').replaceAll(times, 'time');
}
