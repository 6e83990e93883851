import { useEffect, useSyncExternalStore } from "react";
import type { Incident } from "../queue/merge";
import { freshEmergencies, onAttention, setPageTitle } from "./attention";

/** Emergencies that are new: nobody has them and nobody here has looked. */
export function useFreshEmergencies(): readonly Incident[] {
  return useSyncExternalStore(onAttention, freshEmergencies);
}

/** What the browser's tab is called while the page is shown. */
export function usePageTitle(title: string): void {
  useEffect(() => setPageTitle(title), [title]);
}
