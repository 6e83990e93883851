import { Anchor, Text } from "@mantine/core";
import { IconDoor, IconHeartbeat, IconPhone, IconPill } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { useNow } from "../api/use-now";
import { Section } from "../layout/section";
import { useWording } from "../wording/use-wording";
import classes from "./person-card.module.css";
import type { Detail } from "./use-incident";

/** What a responder must know about the person at once. */
export function PersonCard({ incident }: { incident: Detail }) {
  const { say } = useWording();
  const { person } = incident;
  const year = new Date(useNow()).getFullYear();
  const about = [
    person.birth_year === null ? null : say("resident-age", { age: year - person.birth_year }),
    person.sex === null ? null : say(`sex-${person.sex}`),
    say("person-speaks", { language: say(`language-${person.language}`) }),
  ].filter((each) => each !== null);
  return (
    <Section
      title={say("person-title", { name: person.name })}
      beside={
        <Anchor component={Link} to={`/residents/${person.id}`} size="sm">
          {say("person-page")}
        </Anchor>
      }
    >
      <Text>{about.join(" · ")}</Text>
      <dl className={classes.facts}>
        <Fact icon={<IconPhone size={20} aria-hidden />} name={say("person-phone")}>
          {person.phone ? (
            <Anchor href={`tel:${person.phone}`} fw={700} size="lg">
              {person.phone}
            </Anchor>
          ) : (
            say("person-no-phone")
          )}
        </Fact>
        {person.access_notes !== null ? (
          <Fact icon={<IconDoor size={20} aria-hidden />} name={say("resident-access")}>
            {person.access_notes || say("resident-access-none")}
          </Fact>
        ) : null}
        <Fact icon={<IconHeartbeat size={20} aria-hidden />} name={say("resident-conditions")}>
          {person.conditions || say("resident-none-known")}
        </Fact>
        <Fact icon={<IconPill size={20} aria-hidden />} name={say("resident-medicines")}>
          {person.medicines || say("resident-none-known")}
        </Fact>
      </dl>
    </Section>
  );
}

function Fact({ icon, name, children }: { icon: ReactNode; name: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>
        {icon} {name}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}
