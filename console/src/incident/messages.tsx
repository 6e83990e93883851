import { Text } from "@mantine/core";
import { useNow } from "../api/use-now";
import { Section } from "../layout/section";
import { useWording } from "../wording/use-wording";
import { standingOf } from "./deliveries";
import classes from "./messages.module.css";
import type { Detail } from "./use-incident";

/** Who was told over which channel, and how far that is known: sent is not delivered, delivered is not confirmed. */
export function Messages({ incident }: { incident: Detail }) {
  const wording = useWording();
  const { say, sayOr } = wording;
  const now = useNow();
  const newest = [...incident.deliveries].reverse();
  return (
    <Section title={say("messages-title")}>
      {newest.length === 0 ? <Text c="dimmed">{say("messages-none")}</Text> : null}
      <ul className={classes.list}>
        {newest.map((delivery) => {
          const standing = standingOf(delivery);
          const shown = standing.said(wording, now);
          return (
            <li key={delivery.id} className={classes.message} data-tone={standing.tone}>
              <span className={classes.who}>
                <Text span fw={600}>
                  {delivery.recipient}
                </Text>{" "}
                <Text span size="sm" c="dimmed">
                  {[delivery.relation, sayOr(`channel-kind-${delivery.channel}`, delivery.channel)]
                    .filter(Boolean)
                    .join(" · ")}
                </Text>
              </span>
              <span className={classes.standing}>{shown}</span>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
