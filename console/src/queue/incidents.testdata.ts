import type { Incident } from "./merge";

/** An incident for tests: an open fall, raised at a second of its own. */
export function incident(id: number, given: Partial<Incident> = {}): Incident {
  return {
    id,
    resident_id: id,
    resident: "王秀英",
    household: "h001",
    address: "曙光路12号",
    area: "330106001",
    queue: "emergency",
    state: "open",
    severity: 4,
    kind: "fall",
    event_time: "2026-03-01T08:00:00Z",
    raised_at: `2026-03-01T08:00:${String(id % 60).padStart(2, "0")}Z`,
    opened_at: null,
    claimed_by: null,
    first_claimed_at: null,
    contacted_at: null,
    dispatched_at: null,
    on_scene_at: null,
    ended_at: null,
    closure_code: null,
    closure_note: "",
    lease_until: null,
    countdown_until: null,
    expected_test: false,
    storm: null,
    ...given,
  };
}
