// How long somebody waits, measured against the centre's targets.
import type { Incident } from "./merge";

/** Seconds within which an emergency is to be answered, the first and the last. */
export type Targets = readonly [number, number];

export type Level = "well" | "near" | "late" | "none";

export type Waiting =
  /** the wearer may still cancel, for so long */
  | { readonly kind: "countdown"; readonly milliseconds: number }
  /** nobody has it */
  | { readonly kind: "waits"; readonly milliseconds: number; readonly level: Level }
  /** somebody has it since */
  | { readonly kind: "held"; readonly milliseconds: number };

/** Where an incident stands at `now`, the installation's time in milliseconds. Only emergencies have a target. */
export function waitingOf(incident: Incident, now: number, targets: Targets): Waiting {
  if (incident.state === "pending") {
    const until = incident.countdown_until;
    return { kind: "countdown", milliseconds: until === null ? 0 : Math.max(0, Date.parse(until) - now) };
  }
  if (incident.claimed_by !== null) {
    const since = incident.claimed_by.since ?? incident.raised_at;
    return { kind: "held", milliseconds: Math.max(0, now - Date.parse(since)) };
  }
  const milliseconds = Math.max(0, now - Date.parse(incident.opened_at ?? incident.raised_at));
  const level = incident.queue === "emergency" ? levelOf(milliseconds, targets) : "none";
  return { kind: "waits", milliseconds, level };
}

/** The target counts as missed from its very second on. */
export function levelOf(milliseconds: number, [first, last]: Targets): Level {
  if (milliseconds >= last * 1000) return "late";
  return milliseconds >= first * 1000 ? "near" : "well";
}
