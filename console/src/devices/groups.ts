// The maintenance queue, sorted into what an engineer would do about it.
import type { Trouble } from "./use-troubles";

export const GROUPS = ["silent", "battery", "worn", "other"] as const;
export type Group = (typeof GROUPS)[number];

const OF_KIND: Readonly<Record<string, Group>> = {
  device_silent: "silent",
  home_silent: "silent",
  battery_low: "battery",
  not_worn: "worn",
};

export function groupOf(trouble: Pick<Trouble, "kind">): Group {
  return OF_KIND[trouble.kind] ?? "other";
}

/** How many of each group. */
export function counted(troubles: readonly Pick<Trouble, "kind">[]): Readonly<Record<Group, number>> {
  const counts = { silent: 0, battery: 0, worn: 0, other: 0 };
  for (const trouble of troubles) counts[groupOf(trouble)] += 1;
  return counts;
}

interface OfStorm {
  readonly storm_id: number | null;
}

/** What stands with its storm, and all the rest: no line is lost because its storm is not known here (any more). */
export function byStorm<Each extends OfStorm>(
  troubles: readonly Each[],
  storms: readonly { readonly id: number }[],
): { readonly of: ReadonlyMap<number, readonly Each[]>; readonly single: readonly Each[] } {
  const of = new Map<number, Each[]>(storms.map((storm) => [storm.id, []]));
  const single = troubles.filter((trouble) => {
    const storm = trouble.storm_id === null ? undefined : of.get(trouble.storm_id);
    storm?.push(trouble);
    return storm === undefined;
  });
  return { of, single };
}
