import { Text } from "@mantine/core";
import { useNow } from "../api/use-now";
import { when } from "../layout/moments";
import { Section } from "../layout/section";
import { Tag } from "../layout/tag";
import { signOf } from "../queue/signs";
import { useWording } from "../wording/use-wording";
import type { Detail } from "./use-incident";
import classes from "./why.module.css";

/** What the detectors say, in words, the most severe first; what is over stands last. */
export function Why({ incident }: { incident: Detail }) {
  const { language, say, sayOr } = useWording();
  const now = useNow();
  const alerts = [...incident.alerts].sort(
    (one, other) =>
      Number(one.cleared_at !== null) - Number(other.cleared_at !== null) ||
      other.severity - one.severity ||
      Date.parse(other.event_time) - Date.parse(one.event_time),
  );
  return (
    <Section title={say("why-title")}>
      <ul className={classes.list}>
        {alerts.map((alert) => {
          const Sign = signOf(alert.kind);
          return (
            <li key={alert.id} className={classes.alert} data-over={alert.cleared_at !== null || undefined}>
              <Sign size={22} aria-hidden />
              <div>
                <Text fw={600}>{alert.reason}</Text>
                {alert.clear_reason ? (
                  <Text fw={600} c="var(--kanhu-well)">
                    {alert.clear_reason}
                  </Text>
                ) : null}
                <Text size="sm" c="dimmed">
                  {sayOr(`kind-${alert.kind}`, alert.kind)} · {say(`severity-${alert.severity}`)} ·{" "}
                  {when(alert.event_time, now, language)}
                  {alert.score !== null
                    ? ` · ${say("why-likelihood", { percent: Math.round(alert.score * 100) })}`
                    : ""}
                </Text>
              </div>
              {alert.cleared_at !== null ? (
                <Tag kind="good">{say("why-over", { time: when(alert.cleared_at, now, language) })}</Tag>
              ) : null}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
