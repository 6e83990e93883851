import { Text } from "@mantine/core";
import { useMemo } from "react";
import { useNow } from "../api/use-now";
import { when } from "../layout/moments";
import { Section } from "../layout/section";
import { useContacts } from "../residents/use-resident";
import { useMay } from "../session/use-session";
import { useWording } from "../wording/use-wording";
import { grouped, lineOf } from "./timeline";
import classes from "./timeline-list.module.css";
import type { Detail } from "./use-incident";

/** The audit trail in words, the newest first. */
export function Timeline({ incident }: { incident: Detail }) {
  const wording = useWording();
  const { language, say } = wording;
  const now = useNow();
  const contacts = useContacts(incident.resident_id, useMay("contact:read")).data;
  const shown = useMemo(() => {
    const names = new Map<string, string>();
    for (const event of incident.events) if (event.actor_name) names.set(event.actor, event.actor_name);
    for (const told of incident.deliveries) {
      if (told.user_id !== null) names.set(`user:${told.user_id}`, told.recipient);
      if (told.contact_id !== null) names.set(`contact:${told.contact_id}`, told.recipient);
    }
    for (const contact of contacts ?? []) names.set(`contact:${contact.id}`, contact.name);
    if (incident.claimed_by?.name) names.set(`user:${incident.claimed_by.id}`, incident.claimed_by.name);
    return grouped(incident.events.map((event) => lineOf(event, names, wording)));
  }, [incident, contacts, wording]);
  return (
    <Section title={say("timeline-title")}>
      <ol className={classes.list} reversed>
        {shown.map(({ line, more }) => (
          <li key={line.id} className={classes.line} data-tone={line.tone}>
            <time dateTime={line.at} className={`${classes.time} figures`}>
              {when(line.at, now, language)}
            </time>
            <div>
              <Text>
                {line.text}
                {more > 0 ? <Text span c="dimmed">{` ${say("timeline-more", { more })}`}</Text> : null}
              </Text>
              {line.note ? <Text className={classes.note}>{line.note}</Text> : null}
              <Text size="sm" c="dimmed">
                {line.who}
              </Text>
            </div>
          </li>
        ))}
      </ol>
    </Section>
  );
}
