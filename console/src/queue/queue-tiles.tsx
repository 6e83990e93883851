import { useMemo } from "react";
import { useWording } from "../wording/use-wording";
import type { Incident } from "./merge";
import classes from "./queue-tiles.module.css";
import { tallyOf } from "./tally";
import { WaitingTime } from "./waiting-time";

const QUEUES: readonly Incident["queue"][] = ["emergency", "care", "maintenance"];

/** How much there is in each queue; a tile shows only its own. */
export function QueueTiles({
  queue,
  chosen,
  onChoose,
}: {
  queue: readonly Incident[];
  chosen: Incident["queue"] | null;
  onChoose: (name: Incident["queue"]) => void;
}) {
  const { say } = useWording();
  const tallies = useMemo(() => QUEUES.map((name) => ({ name, ...tallyOf(queue, name) })), [queue]);
  return (
    <div className={classes.tiles}>
      {tallies.map(({ name, waiting, held, longest }) => (
        <button
          key={name}
          type="button"
          className={classes.tile}
          data-queue={name}
          data-waiting={waiting > 0 || undefined}
          aria-pressed={chosen === name}
          onClick={() => onChoose(name)}
        >
          <span className={classes.name}>{say(`queue-${name}`)}</span>
          <span className={classes.counts}>
            <span className={classes.waiting}>
              <b className="figures">{waiting}</b> {say("tile-waiting")}
            </span>
            <span className={classes.held}>
              <b className="figures">{held}</b> {say("tile-held")}
            </span>
          </span>
          {name === "emergency" && longest ? (
            <span className={classes.longest}>
              {say("tile-longest")} <WaitingTime incident={longest} />
            </span>
          ) : null}
        </button>
      ))}
    </div>
  );
}
