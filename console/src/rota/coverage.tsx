import { Anchor, Group, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { useNow } from "../api/use-now";
import { Loaded, Nothing } from "../layout/loaded";
import { when } from "../layout/moments";
import { Note } from "../layout/note";
import { Section } from "../layout/section";
import { ago } from "../layout/spans";
import { Tag } from "../layout/tag";
import { useWording } from "../wording/use-wording";
import classes from "./rota.module.css";
import { useCoverage } from "./use-rota";

type Covered = Schemas["Covered"];

/** Would anybody answer now? For each area and queue, with the reasons where not. */
export function Coverage({ area }: { area: string | undefined }) {
  const { language, say } = useWording();
  const now = useNow();
  const coverage = useCoverage(area);
  return (
    <Section title={say("coverage-title")}>
      <Loaded query={coverage}>
        {({ checked_at, items }) => {
          const lacking = items.filter((item) => item.reasons.length > 0);
          const good = items.filter((item) => item.reasons.length === 0);
          return (
            <>
              <Text size="sm" c="dimmed">
                {checked_at
                  ? say("coverage-checked", { ago: ago(checked_at, now, language) })
                  : say("coverage-never-checked")}
              </Text>
              {checked_at === null ? <Note kind="danger">{say("coverage-dispatcher")}</Note> : null}
              {items.length === 0 ? <Nothing>{say("coverage-no-areas")}</Nothing> : null}
              {lacking.map((item) => (
                <Lacking key={`${item.area} ${item.queue}`} item={item} />
              ))}
              {good.length > 0 ? (
                <div>
                  <Text fw={600}>{say("coverage-good", { count: good.length })}</Text>
                  <Group gap="xs" mt={4}>
                    {good.map((item) => (
                      <Tag key={`${item.area} ${item.queue}`} kind="good">
                        {item.area_name} · {say(`queue-${item.queue}`)}
                      </Tag>
                    ))}
                  </Group>
                </div>
              ) : null}
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

function Lacking({ item }: { item: Covered }) {
  const { language, say } = useWording();
  const now = useNow();
  return (
    <div className={classes.card}>
      <Group gap="xs">
        <Text fw={600}>
          {item.area_name} · {say(`queue-${item.queue}`)}
        </Text>
        <Tag kind={item.answered ? "warning" : "danger"}>{say(item.answered ? "coverage-partly" : "coverage-not")}</Tag>
      </Group>
      <Stack component="ul" gap={4} className={classes.steps}>
        {item.reasons.map((reason) => (
          <li key={reason.code}>
            {reason.text}{" "}
            <Text span size="sm" c="dimmed">
              {say("coverage-since", { time: when(reason.since, now, language) })}
              {" · "}
              {reason.told_at
                ? say("coverage-told", { time: when(reason.told_at, now, language) })
                : say("coverage-nobody-told")}
            </Text>
            {reason.residents.length > 0 ? (
              <Group gap="xs">
                {reason.residents.map((resident) => (
                  <Anchor key={resident.id} component={Link} to={`/residents/${resident.id}`}>
                    {resident.name}
                  </Anchor>
                ))}
                {reason.count !== null && reason.count > reason.residents.length ? (
                  <Text size="sm">{say("coverage-more", { count: reason.count - reason.residents.length })}</Text>
                ) : null}
              </Group>
            ) : null}
          </li>
        ))}
      </Stack>
    </div>
  );
}
