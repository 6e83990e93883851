// What the whole page must not miss: the alarm, and the title that tells of it.
import type { Incident } from "../queue/merge";
import { type Alarm, afterLook, afterQueue, QUIET } from "./alarm";

let alarm: Alarm = QUIET;
let title = "";
const listeners = new Set<() => void>();

export function freshEmergencies(): readonly Incident[] {
  return alarm.fresh;
}

export function pageTitle(): string {
  return title;
}

export function onAttention(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function queueChanged(queue: readonly Incident[]): void {
  change(afterQueue(alarm, queue));
}

/** Somebody looked at a new emergency, or at all of them. */
export function looked(seen: number | "all"): void {
  change(afterLook(alarm, seen));
}

/** Nobody is signed in any more. */
export function forget(): void {
  change(QUIET);
}

export function setPageTitle(next: string): void {
  title = next;
  for (const each of listeners) each();
}

function change(next: Alarm): void {
  const told = next.fresh !== alarm.fresh;
  alarm = next;
  if (told) for (const each of listeners) each();
}
