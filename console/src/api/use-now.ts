import { useSyncExternalStore } from "react";
import { currentSecond, onSecond } from "./clock";

/** The installation's time in milliseconds, turning each second. */
export function useNow(): number {
  return useSyncExternalStore(onSecond, currentSecond);
}
