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
