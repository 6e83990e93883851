// What may be done with an incident in its state, by whom: what is not possible is not offered. The API has the last word.
import type { Incident } from "../queue/merge";

export type Action =
  | "claim"
  | "keep"
  | "call"
  | "dispatch"
  | "arrive"
  | "close"
  | "hand-over"
  | "release"
  | "merge"
  | "note"
  | "reopen";

export interface Looker {
  readonly id: number;
  /** may do it in the holder's place */
  readonly supervises: boolean;
  /** may do anything at all */
  readonly works: boolean;
}

/** now: the installation's time, milliseconds. reopenUntil: RFC 3339, where it has ended. */
export function possible(
  incident: Pick<Incident, "state" | "claimed_by">,
  looker: Looker,
  now: number,
  reopenUntil: string | null,
): ReadonlySet<Action> {
  if (!looker.works) return new Set();
  switch (incident.state) {
    case "pending":
      return new Set(["note"]);
    case "open":
      return new Set(["claim", "merge", "note"]);
    case "closed":
    case "cancelled":
      return new Set(reopenUntil !== null && Date.parse(reopenUntil) > now ? ["reopen", "note"] : ["note"]);
    default: {
      const mine = incident.claimed_by?.id === looker.id;
      if (!mine && !looker.supervises) return new Set(["note"]);
      const actions = new Set<Action>(["call", "dispatch", "close", "hand-over", "release", "merge", "note"]);
      if (mine) actions.add("keep");
      if (incident.state === "dispatched") actions.add("arrive");
      return actions;
    }
  }
}

/** The step that comes next for most: it is shown as the first. */
export function usual(state: Incident["state"], actions: ReadonlySet<Action>): Action | null {
  const next: Partial<Record<Incident["state"], Action>> = {
    open: "claim",
    claimed: "call",
    contacted: "close",
    dispatched: "arrive",
    on_scene: "close",
  };
  const action = next[state];
  return action !== undefined && actions.has(action) ? action : null;
}
