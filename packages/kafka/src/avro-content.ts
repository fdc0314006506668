/** Content type of a message in Avro wire format. */
export const avroContentType = 'application/vnd.confluent.avro';

const traceAtEnd = /; traceparent=(00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})$/;

/** Content type under which a message is set aside: with its `traceparent`, which stood in its headers and not in its bytes. */
export function keptAvroType(traceparent: string | undefined): string {
  const kept = `${avroContentType}; traceparent=${traceparent}`;
  return traceAtEnd.test(kept) ? kept : avroContentType;
}

/** Whether bytes that were set aside under this content type are a message in Avro wire format. */
export function isAvroType(contentType: string): boolean {
  return contentType.replace(traceAtEnd, '') === avroContentType;
}

/** The `traceparent` of a message that was set aside; null where it had none. */
export function traceparentIn(contentType: string): string | null {
  return traceAtEnd.exec(contentType)?.[1] ?? null;
}
