import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Change } from "./stream";
import { useChanges } from "./use-connection";

/** At most once in so many milliseconds: a storm of changes asks no more than one change does. */
const PAUSE = 1_500;

/** Asks again for what depends on incidents, when one that concerns it changes. */
export function useRefresh(key: QueryKey, concerns: (change: Change) => boolean): void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  function refresh() {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void queries.invalidateQueries({ queryKey: key });
    }, PAUSE);
  }
  useChanges({
    changed: (changes) => {
      if (changes.some(concerns)) refresh();
    },
    reset: refresh,
  });
}
