import { Anchor, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import { useNow } from "../api/use-now";
import { clockTime, dateTime, stopwatch, when } from "../layout/moments";
import { signOf } from "../queue/signs";
import { WaitingTime } from "../queue/waiting-time";
import { useUser } from "../session/use-session";
import { useWording } from "../wording/use-wording";
import { Actions } from "./actions-bar";
import classes from "./head.module.css";
import { Progress } from "./progress";
import type { Detail } from "./use-incident";

/** Who, what, where, since when, who has it, and what can be done. It stays in sight on wide screens. */
export function Head({ incident }: { incident: Detail }) {
  const { language, say, sayOr } = useWording();
  const user = useUser();
  const now = useNow();
  const Sign = signOf(incident.kind);
  const mine = incident.claimed_by?.id === user.id;
  const over = incident.ended_at !== null;
  return (
    <header className={classes.head} data-queue={incident.queue} data-severity={incident.severity}>
      <div className={classes.top}>
        <div className={classes.sign}>
          <Sign size={38} aria-hidden />
        </div>
        <div className={classes.what}>
          <Title order={1} size="h3" className={classes.title}>
            {sayOr(`kind-${incident.kind}`, incident.kind)} ·{" "}
            <Anchor component={Link} to={`/residents/${incident.resident_id}`} inherit underline="always">
              {incident.resident}
            </Anchor>
          </Title>
          <Text>{incident.address}</Text>
          <Text size="sm" c="dimmed">
            {say(`queue-${incident.queue}`)} · {say(`severity-${incident.severity}`)} ·{" "}
            {say("head-happened", { time: when(incident.event_time, now, language) })} · #{incident.id}
          </Text>
        </div>
        <div className={classes.standing}>
          {over ? (
            <>
              <Text fw={700}>
                {incident.closure_code ? say(`closure-${incident.closure_code}`) : say(`state-${incident.state}`)}
              </Text>
              <Text size="sm">{dateTime(incident.ended_at ?? "", language)}</Text>
            </>
          ) : (
            <>
              <div>
                <WaitingTime incident={incident} />
              </div>
              {incident.claimed_by ? (
                <Text size="sm" fw={600} className={classes.holder} data-mine={mine || undefined}>
                  {mine ? say("row-mine") : say("row-holder", { name: incident.claimed_by.name ?? "" })}
                </Text>
              ) : null}
              {incident.lease_until ? (
                <Lease
                  until={incident.lease_until}
                  now={now}
                  mine={mine}
                  time={clockTime(incident.lease_until, language)}
                />
              ) : null}
            </>
          )}
        </div>
      </div>
      {incident.expected_test ? (
        <Text fw={600} c="var(--kanhu-near)">
          {say("head-test")}
        </Text>
      ) : null}
      {incident.storm ? (
        <Text fw={600} c="var(--kanhu-near)">
          <Anchor component={Link} to={`/devices?storm=${incident.storm.id}`}>
            {say("head-storm", { count: incident.storm.count, time: when(incident.storm.since, now, language) })}
          </Anchor>
        </Text>
      ) : null}
      <Progress incident={incident} />
      {incident.merged_into !== null ? (
        <Text>
          {say("head-merged")}{" "}
          <Anchor component={Link} to={`/incidents/${incident.merged_into}`}>
            #{incident.merged_into}
          </Anchor>
        </Text>
      ) : null}
      {over && incident.closure_note ? <Text className={classes.note}>{incident.closure_note}</Text> : null}
      <Actions incident={incident} />
    </header>
  );
}

// The holder is warned before the claim lapses.
const SOON = 90_000;

function Lease({ until, now, mine, time }: { until: string; now: number; mine: boolean; time: string }) {
  const { say } = useWording();
  const left = Date.parse(until) - now;
  if (!mine)
    return (
      <Text size="sm" c="dimmed">
        {say("lease-until", { time })}
      </Text>
    );
  return (
    <Text size="sm" className={classes.lease} data-soon={left < SOON || undefined}>
      {say(left < SOON ? "lease-soon" : "lease-left")} <span className="figures">{stopwatch(left)}</span>
    </Text>
  );
}
