/** A place in the trace of a caller. */
export interface Trace {
  /** The header, as it is sent on. */
  traceparent: string;
  /** 32 hex digits. */
  traceId: string;
}

/** Version 00 of W3C Trace Context, which has a fixed length. Whatever else comes, from the platform or through it, is no trace. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The trace that a `traceparent` continues (W3C Trace Context §3.2), if it is one. */
export function traceOf(traceparent: string | undefined): Trace | undefined {
  if (traceparent === undefined) return undefined;
  const [, traceId] = TRACEPARENT.exec(traceparent) ?? [];
  return traceId === undefined ? undefined : { traceparent, traceId };
}
