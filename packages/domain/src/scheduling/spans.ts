/** A stretch of real time, Unix ms; `to` is no part of it. */
export interface Span {
  from: number;
  to: number;
}

/** What is covered by any of the spans, earliest first; none touches another. */
export function joinSpans<S extends Span>(spans: readonly S[]): Span[] {
  const joined: Span[] = [];
  for (const { from, to } of spans.toSorted((left, right) => left.from - right.from)) {
    const last = joined.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

/** A span without what the others cover. */
export function withoutSpans<S extends Span>(span: S, taken: readonly Span[]): S[] {
  let left = [span];
  for (const { from, to } of taken)
    left = left.flatMap((one) =>
      from >= one.to || to <= one.from
        ? [one]
        : [
            { ...one, to: from },
            { ...one, from: to },
          ].filter((rest) => rest.to > rest.from),
    );
  return left;
}

/** Whether two stretches have an instant in common. */
export function overlap(left: Span, right: Span): boolean {
  return left.from < right.to && right.from < left.to;
}
