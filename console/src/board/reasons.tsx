import { IconAlertTriangle, IconCheck, IconInfoCircle, IconX } from "@tabler/icons-react";
import { useWording } from "../wording/use-wording";
import classes from "./board.module.css";
import type { Reason } from "./use-board";

function sign(reason: Reason): { kind: "ok" | "danger" | "warning" | "info"; icon: typeof IconCheck } {
  if (reason.ok) return { kind: "ok", icon: IconCheck };
  if (reason.severity === "danger") return { kind: "danger", icon: IconX };
  return reason.severity === "warning"
    ? { kind: "warning", icon: IconAlertTriangle }
    : { kind: "info", icon: IconInfoCircle };
}

/** What was looked at, each with its own sign. */
export function Reasons({ reasons }: { reasons: readonly Reason[] }) {
  const { say } = useWording();
  return (
    <ul className={classes.reasons}>
      {reasons.map((reason) => {
        const { kind, icon: Icon } = sign(reason);
        return (
          <li key={reason.code} data-kind={kind}>
            <Icon size={18} role="img" aria-label={say(`reason-${kind}`)} />
            <span>{reason.text}</span>
          </li>
        );
      })}
    </ul>
  );
}
