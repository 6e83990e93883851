// What of the queue is shown. The filter is in the page's address, so that it survives a reload and can be sent on.
import type { Area } from "../areas/use-areas";
import type { Incident } from "./merge";

export type Standing = "waits" | "held" | "mine";

export interface Filter {
  readonly queue: Incident["queue"] | null;
  readonly standing: Standing | null;
  /** code of the area whose subtree is shown */
  readonly area: string | null;
}

const QUEUES = ["emergency", "care", "maintenance"] as const;
const STANDINGS = ["waits", "held", "mine"] as const;

/** The filter in an address; what it does not know it leaves out. */
export function filterOf(search: URLSearchParams): Filter {
  return {
    queue: QUEUES.find((each) => each === search.get("queue")) ?? null,
    standing: STANDINGS.find((each) => each === search.get("standing")) ?? null,
    area: search.get("area"),
  };
}

export function searchOf(filter: Filter): URLSearchParams {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value !== null) search.set(name, String(value));
  return search;
}

/** The codes of an area and all below it. */
export function subtree(areas: readonly Area[], code: string): ReadonlySet<string> {
  const top = areas.find((area) => area.code === code);
  if (!top) return new Set([code]);
  // A path ends with a slash, so that no area begins like its neighbour.
  return new Set(areas.filter((area) => area.path.startsWith(top.path)).map((area) => area.code));
}

export function standingOf(incident: Incident, user: number): Standing {
  if (incident.claimed_by === null) return "waits";
  return incident.claimed_by.id === user ? "mine" : "held";
}

/** What the filter leaves, in the same order. user: id of whoever looks. */
export function filtered(
  queue: readonly Incident[],
  filter: Filter,
  areas: readonly Area[],
  user: number,
): readonly Incident[] {
  const codes = filter.area === null ? null : subtree(areas, filter.area);
  return queue.filter(
    (incident) =>
      (filter.queue === null || incident.queue === filter.queue) &&
      (codes === null || codes.has(incident.area)) &&
      (filter.standing === null || shows(filter.standing, standingOf(incident, user))),
  );
}

function shows(wanted: Standing, is: Standing): boolean {
  return wanted === is || (wanted === "held" && is === "mine");
}
