// Which emergencies are new: nobody has them, and nobody here has looked. Derived from the queue itself, so that one
// which came while the connection was lost rings as well.
import type { Incident } from "../queue/merge";

export interface Alarm {
  /** ids of all emergencies that wait, as of the last look; null before the first */
  readonly waiting: ReadonlySet<number> | null;
  /** those that are new, the most urgent first */
  readonly fresh: readonly Incident[];
}

export const QUIET: Alarm = { waiting: null, fresh: [] };

function waits(incident: Incident): boolean {
  return incident.queue === "emergency" && incident.state === "open";
}

/**
 * The alarm after the queue changed. What waits and did not wait before is new: raised, released, or its claim lapsed.
 * What was there when the page was opened is on the screen, and not new.
 */
export function afterQueue(alarm: Alarm, queue: readonly Incident[]): Alarm {
  const open = queue.filter(waits);
  const waiting = new Set(open.map((incident) => incident.id));
  const { waiting: before } = alarm;
  if (before === null) return { waiting, fresh: [] };
  const ringing = new Set(alarm.fresh.map((incident) => incident.id));
  const fresh = open.filter((incident) => ringing.has(incident.id) || !before.has(incident.id));
  const same = fresh.length === alarm.fresh.length && fresh.every((each, place) => each === alarm.fresh[place]);
  return { waiting, fresh: same ? alarm.fresh : fresh };
}

/** Somebody looked at these, or at all. */
export function afterLook(alarm: Alarm, seen: number | "all"): Alarm {
  const fresh = seen === "all" ? [] : alarm.fresh.filter((incident) => incident.id !== seen);
  return fresh.length === alarm.fresh.length ? alarm : { ...alarm, fresh };
}

/** The document's title: how many are new stands first, where a narrow tab still shows it. */
export function titleOf(page: string, name: string, fresh: number, emergency: string): string {
  const title = page === "" ? name : `${page} · ${name}`;
  return fresh > 0 ? `(${fresh}) ${emergency} · ${title}` : title;
}
