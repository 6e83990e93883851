import { useEffect, useRef, useSyncExternalStore } from "react";
import { type Connection, connectionNow, type Listener, onChanges, onConnection } from "./stream";

/** Whether the page is live. */
export function useConnection(): Connection {
  return useSyncExternalStore(onConnection, connectionNow);
}

/** Hears what happens to incidents while the component is shown. */
export function useChanges(listener: Listener): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(
    () =>
      onChanges({
        changed: (changes) => latest.current.changed(changes),
        reset: () => latest.current.reset(),
      }),
    [],
  );
}
