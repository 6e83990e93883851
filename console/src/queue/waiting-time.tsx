import { useNow } from "../api/use-now";
import { stopwatch } from "../layout/moments";
import { useWording } from "../wording/use-wording";
import type { Incident } from "./merge";
import { useTargets } from "./use-targets";
import { waitingOf } from "./waiting";
import classes from "./waiting-time.module.css";

/** How long somebody waits, ticking; against the target in colour and in words. */
export function WaitingTime({ incident }: { incident: Incident }) {
  const { say } = useWording();
  const [first, last] = useTargets();
  const waiting = waitingOf(incident, useNow(), [first, last]);
  const level = waiting.kind === "waits" ? waiting.level : "none";
  return (
    <span className={classes.waiting} data-level={level} data-kind={waiting.kind}>
      <span className={`${classes.time} figures`}>{stopwatch(waiting.milliseconds)}</span>
      <span className={classes.words}>
        {waiting.kind === "waits"
          ? say(`waiting-${level}`, { first, last })
          : say(waiting.kind === "held" ? "waiting-held" : "waiting-countdown")}
      </span>
    </span>
  );
}
