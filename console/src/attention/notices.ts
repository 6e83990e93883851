// What is shown of a new emergency outside the tab, and when it goes away. It may stand on a locked screen that anybody
// can read: it says what and in which area, never who or where.
import type { Incident } from "../queue/merge";

export interface Notice {
  /** the incident; one that is shown again takes the place of the first */
  readonly tag: string;
  readonly title: string;
  readonly body: string;
}

interface Words {
  /** what happened, in words */
  readonly kind: (kind: string) => string;
  readonly emergency: string;
  readonly area: (code: string) => string;
}

export function noticeOf({ id, kind, area }: Pick<Incident, "id" | "kind" | "area">, words: Words): Notice {
  return { tag: String(id), title: `${words.emergency} ${words.kind(kind)}`, body: words.area(area) };
}

/** Which are to be shown now and which to be taken away: an emergency that is claimed, over or seen is not new any more. */
export function changes(
  shown: ReadonlySet<number>,
  fresh: readonly Incident[],
): { readonly show: readonly Incident[]; readonly close: readonly number[] } {
  const ids = new Set(fresh.map((incident) => incident.id));
  return {
    show: fresh.filter((incident) => !shown.has(incident.id)),
    close: [...shown].filter((id) => !ids.has(id)),
  };
}

export type Noticing = "none" | "off" | "on" | "refused" | "unable";

/**
 * Whether notices are shown. wanted: somebody switched them on, on this machine. permission: what the browser says, null
 * where it has no notifications. broken: it says yes, and then makes none (telephones).
 */
export function noticingOf(wanted: boolean, permission: NotificationPermission | null, broken: boolean): Noticing {
  if (permission === null) return "none";
  if (permission === "denied") return "refused";
  if (broken) return "unable";
  return wanted && permission === "granted" ? "on" : "off";
}
