import type { ReactNode } from "react";
import classes from "./signs.module.css";
import type { TagKind } from "./tag";

interface Given {
  kind: Exclude<TagKind, "neutral">;
  title?: string;
  /** read out at once */
  urgent?: boolean;
  children: ReactNode;
}

/** Some lines that should not be overlooked. */
export function Note({ kind, title, urgent, children }: Given) {
  return (
    <div className={classes.note} data-kind={kind} role={urgent ? "alert" : undefined}>
      {title ? <strong>{title}</strong> : null}
      {children}
    </div>
  );
}
