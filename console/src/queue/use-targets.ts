import { useMemo } from "react";
import { useSettings } from "../api/use-settings";
import type { Targets } from "./waiting";

// Until the installation has said its own.
const USUAL: Targets = [60, 180];

/** The seconds within which an emergency should be answered, and must be. */
export function useTargets(): Targets {
  const given = useSettings().data?.answer_target_s;
  return useMemo(() => {
    const [first, last] = given ?? USUAL;
    return first !== undefined && last !== undefined ? [first, last] : USUAL;
  }, [given]);
}
