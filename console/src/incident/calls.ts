// Who was called already, from the audit trail.
import type { Schemas } from "../api/client";

export interface Call {
  readonly at: string;
  readonly outcome: string;
  /** how often so far */
  readonly count: number;
}

/** The last call of each: keys `resident` and `contact:12`. Events come oldest first. */
export function lastCalls(events: readonly Schemas["Event"][]): ReadonlyMap<string, Call> {
  const calls = new Map<string, Call>();
  for (const { event, at, detail } of events) {
    if (event !== "call" && event !== "contact") continue;
    const key = typeof detail.contact === "number" ? `contact:${detail.contact}` : String(detail.who ?? "resident");
    calls.set(key, { at, outcome: String(detail.outcome ?? ""), count: (calls.get(key)?.count ?? 0) + 1 });
  }
  return calls;
}
