// How many wait and how many are in hand, for the figures above the queue.
import type { Incident } from "./merge";

export interface Tally {
  readonly waiting: number;
  readonly held: number;
  /** the one that waits longest */
  readonly longest: Incident | null;
}

export function tallyOf(queue: readonly Incident[], name: Incident["queue"]): Tally {
  let waiting = 0;
  let held = 0;
  let longest: Incident | null = null;
  for (const incident of queue) {
    if (incident.queue !== name) continue;
    if (incident.claimed_by !== null) held++;
    else if (incident.state === "open") {
      waiting++;
      if (longest === null || opened(incident) < opened(longest)) longest = incident;
    }
  }
  return { waiting, held, longest };
}

function opened(incident: Incident): number {
  return Date.parse(incident.opened_at ?? incident.raised_at);
}
