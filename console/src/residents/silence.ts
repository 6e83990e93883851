import type { Seen } from "./use-resident";

/** A device that speaks at intervals is silent beyond one and a half of them (as the detector has it). now: milliseconds. */
export function isSilent(device: Pick<Seen, "interval_s" | "last_seen">, now: number): boolean {
  if (device.interval_s === 0 || device.last_seen === null) return false;
  return now - Date.parse(device.last_seen) > 1.5 * device.interval_s * 1000;
}
