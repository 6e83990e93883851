import { useEffect, useMemo, useRef } from "react";
import { addKeys, type Key } from "./keyboard";

/** These keys count while the component is shown. wording: name of the message that heads them in the list of keys. */
export function useKeys(wording: string, keys: readonly Key[]): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  const shape = keys.map((key) => `${key.chord}\n${key.wording}`).join("\n\n");
  const group = useMemo(() => {
    const stable = shape === "" ? [] : shape.split("\n\n");
    return {
      wording,
      keys: stable.map((each) => {
        const [chord = "", name = ""] = each.split("\n");
        return { chord, wording: name, run: () => latest.current.find((key) => key.chord === chord)?.run() };
      }),
    };
  }, [wording, shape]);
  useEffect(() => addKeys(group), [group]);
}
