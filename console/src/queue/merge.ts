// The queue as the page holds it: loaded once, then kept up to date by what the live stream tells.
import type { Schemas } from "../api/client";
import type { Change } from "../live/stream";

export type Incident = Schemas["Incident"];

const QUEUES: readonly Incident["queue"][] = ["emergency", "care", "maintenance"];

/** The API's own order: by queue, then the most severe first, then who waits longest. */
export function byUrgency(one: Incident, other: Incident): number {
  return (
    QUEUES.indexOf(one.queue) - QUEUES.indexOf(other.queue) ||
    other.severity - one.severity ||
    Date.parse(one.raised_at) - Date.parse(other.raised_at) ||
    one.id - other.id
  );
}

/** Whether it is over and has left the queue. */
export function isOver(incident: Incident): boolean {
  return incident.state === "closed" || incident.state === "cancelled";
}

/**
 * The queue after changes, oldest first. A change carries the incident as it was when it was told, so the last one of an
 * incident counts. Rows that did not change stay the same objects, so that they are not drawn again.
 */
export function merged(queue: readonly Incident[], changes: readonly Change[]): readonly Incident[] {
  if (changes.length === 0) return queue;
  const latest = new Map(changes.map((change) => [change.incident.id, change.incident]));
  const stays = queue.filter((incident) => !latest.has(incident.id));
  const comes = [...latest.values()].filter((incident) => !isOver(incident)).sort(byUrgency);
  // Both are in order: one pass puts them together.
  const whole: Incident[] = [];
  let next = 0;
  for (const incident of stays) {
    for (let come = comes[next]; come !== undefined && byUrgency(come, incident) < 0; come = comes[++next]) {
      whole.push(come);
    }
    whole.push(incident);
  }
  return [...whole, ...comes.slice(next)];
}
