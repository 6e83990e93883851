import type { Targets } from "./waiting";

const STANDARD: Targets = [60, 180];

/** The seconds within which an emergency is to be answered. */
export function useTargets(): Targets {
  return STANDARD;
}
