import type { ReactNode } from "react";
import classes from "./signs.module.css";

export type TagKind = "danger" | "warning" | "good" | "info" | "neutral";

/** A short word beside something. Its colour only repeats what the word says. */
export function Tag({ kind, large, children }: { kind: TagKind; large?: boolean; children: ReactNode }) {
  return (
    <span className={classes.tag} data-kind={kind} data-large={large || undefined}>
      {children}
    </span>
  );
}
