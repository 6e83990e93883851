import { Table, Text } from "@mantine/core";
import { share, span } from "../layout/spans";
import { Wide } from "../layout/wide";
import { useWording } from "../wording/use-wording";
import classes from "./figures.module.css";
import { targetOf } from "./targets";
import type { Figures, Share } from "./use-report";
import { verdict } from "./verdict";

interface Given {
  rows: readonly Figures[];
  /** what a row is */
  head: string;
  targets?: Readonly<Record<string, number>>;
}

/** One line a group. */
export function FigureTable({ rows, head, targets = {} }: Given) {
  const { language, say, sayOr } = useWording();
  return (
    <Wide label={head} width="48rem">
      <Table striped>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{head}</Table.Th>
            <Table.Th ta="right">{say("figures-incidents")}</Table.Th>
            <Table.Th ta="right">{say("figures-short-answered_60")}</Table.Th>
            <Table.Th ta="right">{say("figures-short-answered_180")}</Table.Th>
            <Table.Th ta="right">{say("figures-short-on_scene_45min")}</Table.Th>
            <Table.Th ta="right">{say("figures-median-answer")}</Table.Th>
            <Table.Th ta="right">{say("figures-true")}</Table.Th>
            <Table.Th ta="right">{say("figures-false")}</Table.Th>
            <Table.Th ta="right">{say("figures-undecided")}</Table.Th>
            <Table.Th ta="right">{say("figures-unanswered")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="figures">
          {rows.map((row) => (
            <Table.Tr key={row.group}>
              <Table.Th scope="row" fw={500}>
                {sayOr(`detector-${row.group}`, row.label || row.group)}
              </Table.Th>
              <Table.Td ta="right">{row.incidents}</Table.Td>
              <ShareCell found={row.answered_60} target={targetOf("answered_60", targets)} />
              <ShareCell found={row.answered_180} target={targetOf("answered_180", targets)} />
              <ShareCell found={row.on_scene_45min} target={targetOf("on_scene_45min", targets)} />
              <Table.Td ta="right">{row.answer_s ? span(row.answer_s.median, language) : "–"}</Table.Td>
              <Table.Td ta="right">{row.true}</Table.Td>
              <Table.Td ta="right">{row.false}</Table.Td>
              <Table.Td ta="right">{row.undecided}</Table.Td>
              <Table.Td ta="right">{row.unanswered}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function ShareCell({ found, target }: { found: Share | null; target: number | undefined }) {
  const { language, say } = useWording();
  if (found === null) return <Table.Td ta="right">–</Table.Td>;
  const judged = verdict(found, target);
  return (
    <Table.Td ta="right" style={{ whiteSpace: "nowrap" }}>
      <span className={judged === "missed" ? classes.missed : undefined}>{share(found.share, language)}</span>{" "}
      <Text span size="xs" c="dimmed">
        {say("figures-met-of", { met: found.met, of: found.of })}
      </Text>
    </Table.Td>
  );
}
