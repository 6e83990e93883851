import { memo, type Ref } from "react";
import { Link } from "react-router";
import { useWording } from "../wording/use-wording";
import type { Incident } from "./merge";
import classes from "./queue-row.module.css";
import { signOf } from "./signs";
import { WaitingTime } from "./waiting-time";

interface Row {
  readonly incident: Incident;
  readonly areaName: string;
  readonly mine: boolean;
  readonly fresh: boolean;
  readonly selected: boolean;
  readonly claimable: boolean;
  readonly busy: boolean;
  readonly onClaim: (incident: Incident) => void;
  readonly onSelect: (id: number) => void;
  readonly linkRef: Ref<HTMLAnchorElement> | undefined;
}

/** One incident of the queue. It is drawn again only when it, or what is done with it, changes. */
export const QueueRow = memo(function QueueRow(row: Row) {
  const { say, sayOr } = useWording();
  const { incident } = row;
  const Sign = signOf(incident.kind);
  const kind = sayOr(`kind-${incident.kind}`, incident.kind);
  return (
    <div
      className={classes.row}
      data-queue={incident.queue}
      data-severity={incident.severity}
      data-selected={row.selected || undefined}
      data-fresh={row.fresh || undefined}
      data-mine={row.mine || undefined}
    >
      <div className={classes.sign}>
        <Sign size={26} aria-hidden />
      </div>
      <div className={classes.what}>
        <Link
          to={`/incidents/${incident.id}`}
          className={classes.link}
          ref={row.linkRef}
          onFocus={() => row.onSelect(incident.id)}
          aria-label={say("row-label", {
            kind,
            name: incident.resident,
            severity: say(`severity-${incident.severity}`),
            queue: say(`queue-${incident.queue}`),
          })}
        >
          {kind}
        </Link>
        <span className={classes.urgency}>
          {say(`queue-${incident.queue}`)} · {say(`severity-${incident.severity}`)}
        </span>
        {incident.expected_test ? <span className={classes.tag}>{say("tag-test")}</span> : null}
        {incident.storm ? (
          <span className={classes.tag}>{say("tag-storm", { count: incident.storm.count })}</span>
        ) : null}
      </div>
      <div className={classes.who}>
        <span className={classes.name}>{incident.resident}</span>
        <span className={classes.where}>
          {/* Most addresses begin with the street's name. */}
          {row.areaName && !incident.address.includes(row.areaName) ? `${row.areaName} · ` : ""}
          {incident.address}
        </span>
      </div>
      <div className={classes.waiting}>
        <WaitingTime incident={incident} />
      </div>
      <div className={classes.state}>
        <span className={classes.stateWord}>{say(`state-${incident.state}`)}</span>
        {incident.claimed_by ? (
          <span className={classes.holder}>
            {row.mine
              ? say("row-mine")
              : say("row-holder", { name: incident.claimed_by.name ?? `#${incident.claimed_by.id}` })}
          </span>
        ) : null}
      </div>
      <div className={classes.act}>
        {row.claimable ? (
          // A plain button: hundreds of rows pass by while somebody scrolls.
          <button
            type="button"
            className={classes.claim}
            disabled={row.busy}
            onClick={() => row.onClaim(incident)}
            aria-label={say("row-claim", { kind, name: incident.resident })}
          >
            {say("claim")}
          </button>
        ) : null}
      </div>
    </div>
  );
});
