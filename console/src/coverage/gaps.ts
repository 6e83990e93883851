// Where nobody would answer, put together for one glance.
import type { Schemas } from "../api/client";

export type Coverage = Schemas["Coverage"];
type Queue = Schemas["Queue"];

export interface Gap {
  readonly queue: Queue;
  /** in the API's words */
  readonly text: string;
  /** names of the areas it is about */
  readonly areas: readonly string[];
  readonly since: string;
  /** whether supervisors were told */
  readonly told: boolean;
}

export interface Unreachable {
  readonly text: string;
  readonly residents: readonly Schemas["ResidentNamed"][];
  /** there are more than are named */
  readonly more: number;
}

export interface Found {
  /** nobody of the centre would be told */
  readonly gaps: readonly Gap[];
  /** of single residents nobody of the family would be */
  readonly residents: readonly Unreachable[];
}

const QUEUES: readonly Queue[] = ["emergency", "care", "maintenance"];

/** The same reason in several areas is one gap; the most urgent queue first. */
export function gapsOf(coverage: Coverage): Found {
  const gaps = new Map<string, Gap>();
  const residents = new Map<string, { text: string; named: Map<number, Schemas["ResidentNamed"]>; count: number }>();
  for (const item of coverage.items) {
    for (const reason of item.reasons) {
      if (reason.count !== null) {
        const known = residents.get(reason.code) ?? { text: reason.text, named: new Map(), count: 0 };
        // The same people are named with each queue: those of one queue count.
        if (item.queue === "emergency") known.count += reason.count;
        for (const one of reason.residents) known.named.set(one.id, one);
        residents.set(reason.code, known);
        continue;
      }
      const key = `${item.queue} ${reason.code}`;
      const known = gaps.get(key);
      gaps.set(key, {
        queue: item.queue,
        text: reason.text,
        areas: [...(known?.areas ?? []), item.area_name],
        since: known && known.since < reason.since ? known.since : reason.since,
        told: (known?.told ?? true) && reason.told_at !== null,
      });
    }
  }
  return {
    gaps: [...gaps.values()].sort((one, other) => QUEUES.indexOf(one.queue) - QUEUES.indexOf(other.queue)),
    residents: [...residents.values()].map(({ text, named, count }) => ({
      text,
      residents: [...named.values()],
      more: Math.max(0, count - named.size),
    })),
  };
}

/** Nobody has looked for so long that the answer says nothing any more, milliseconds. */
const OLD = 180_000;

export function isOld(coverage: Coverage, now: number): boolean {
  return coverage.checked_at === null || now - Date.parse(coverage.checked_at) > OLD;
}
