import { Paper, SimpleGrid, Table, Text } from "@mantine/core";
import { share, span } from "../layout/spans";
import { Wide } from "../layout/wide";
import { useWording } from "../wording/use-wording";
import classes from "./figures.module.css";
import type { Figures } from "./use-report";
import { verdict } from "./verdict";

const MEASURES = ["answered_60", "answered_180", "on_scene_45min", "on_scene_60min"] as const;

/** The report's name of a measure's target. */
export function targetOf(measure: (typeof MEASURES)[number], targets: Readonly<Record<string, number>>) {
  return targets[measure.replace("answered", "answer")];
}

/** The standing shares against what is aimed at. */
export function Targets({ total, targets }: { total: Figures; targets: Readonly<Record<string, number>> }) {
  const { language, say } = useWording();
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} spacing="sm">
      {MEASURES.map((measure) => {
        const found = total[measure];
        const target = targetOf(measure, targets);
        const judged = verdict(found, target);
        return (
          <Paper key={measure} withBorder p="md" className={classes.target} data-verdict={judged}>
            <Text fw={600}>{say(`figures-${measure}`)}</Text>
            <Text className={classes.figure}>{share(found?.share ?? null, language)}</Text>
            <Text size="sm">
              {target === undefined ? null : say("figures-target", { share: share(target, language) })}{" "}
              <strong>{say(`figures-verdict-${judged}`)}</strong>
            </Text>
            {found ? (
              <Text size="sm" c="dimmed">
                {say("figures-of", {
                  met: found.met,
                  of: found.of,
                  low: share(found.low, language),
                  high: share(found.high, language),
                })}
              </Text>
            ) : null}
          </Paper>
        );
      })}
    </SimpleGrid>
  );
}

/** How long it took, in the middle and for the slow ones. */
export function Times({ total }: { total: Figures }) {
  const { language, say } = useWording();
  const rows = ["answer_s", "claim_s", "on_scene_s", "close_s"] as const;
  return (
    <Wide label={say("figures-times")} width="27rem">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say("figures-until")}</Table.Th>
            <Table.Th ta="right">{say("figures-count")}</Table.Th>
            <Table.Th ta="right">{say("figures-median")}</Table.Th>
            <Table.Th ta="right">{say("figures-p90")}</Table.Th>
            <Table.Th ta="right">{say("figures-p975")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="figures">
          {rows.map((row) => {
            const times = total[row];
            return (
              <Table.Tr key={row}>
                <Table.Th scope="row" fw={500}>
                  {say(`figures-${row}`)}
                </Table.Th>
                <Table.Td ta="right">{times?.of ?? 0}</Table.Td>
                <Table.Td ta="right">{times ? span(times.median, language) : "–"}</Table.Td>
                <Table.Td ta="right">{times ? span(times.p90, language) : "–"}</Table.Td>
                <Table.Td ta="right">{times ? span(times.p975, language) : "–"}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
