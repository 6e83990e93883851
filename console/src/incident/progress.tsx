import { IconCheck } from "@tabler/icons-react";
import { clockTime } from "../layout/moments";
import { useWording } from "../wording/use-wording";
import classes from "./progress.module.css";
import type { Detail } from "./use-incident";

/** The way from the alarm to the end: what has been done when, and what has not. */
export function Progress({ incident }: { incident: Detail }) {
  const { language, say } = useWording();
  const steps = [
    { wording: "progress-opened", at: incident.opened_at },
    { wording: "progress-claimed", at: incident.first_claimed_at },
    { wording: "progress-contacted", at: incident.contacted_at },
    { wording: "progress-dispatched", at: incident.dispatched_at },
    { wording: "progress-on_scene", at: incident.on_scene_at },
    { wording: "progress-ended", at: incident.ended_at },
  ];
  return (
    <ol className={classes.steps} aria-label={say("progress-title")}>
      {steps.map(({ wording, at }) => (
        <li key={wording} className={classes.step} data-done={at !== null || undefined}>
          <span className={classes.dot}>{at !== null ? <IconCheck size={12} stroke={3} aria-hidden /> : null}</span>
          <span>{say(wording)}</span>
          <span className={`${classes.time} figures`}>
            {at !== null ? clockTime(at, language) : <span className={classes.never}>{say("progress-not-yet")}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}
