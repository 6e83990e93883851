import type { ReactNode } from "react";
import { useWording } from "../wording/use-wording";

/** Holds what may be wider than a telephone: it scrolls by itself, by keys too. label: says what it is. */
export function Wide({ label, width, children }: { label: string; width: string; children: ReactNode }) {
  const { say } = useWording();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keys can only scroll what can have the focus
    <section aria-label={say("wide-table", { name: label })} tabIndex={0} style={{ overflowX: "auto" }}>
      <div style={{ minWidth: width }}>{children}</div>
    </section>
  );
}
