import { Table } from "@mantine/core";
import { Nothing } from "../layout/loaded";
import { dateTime } from "../layout/moments";
import { span } from "../layout/spans";
import { Wide } from "../layout/wide";
import { useWording } from "../wording/use-wording";
import type { Report } from "./use-report";

/** When nobody would have answered, and for how long. */
export function Gaps({ gaps }: { gaps: Report["gaps"] }) {
  const { language, say } = useWording();
  if (gaps.length === 0) return <Nothing>{say("figures-gaps-none")}</Nothing>;
  return (
    <Wide label={say("figures-gaps")} width="38rem">
      <Table striped>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say("area")}</Table.Th>
            <Table.Th>{say("figures-queue")}</Table.Th>
            <Table.Th>{say("figures-gap-why")}</Table.Th>
            <Table.Th ta="right">{say("figures-gap-times")}</Table.Th>
            <Table.Th ta="right">{say("figures-gap-together")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="figures">
          {gaps.map((gap) => (
            <Table.Tr key={`${gap.area} ${gap.queue} ${gap.code}`}>
              <Table.Th scope="row" fw={500}>
                {gap.area_name}
              </Table.Th>
              <Table.Td>{say(`queue-${gap.queue}`)}</Table.Td>
              <Table.Td>{gap.text}</Table.Td>
              <Table.Td ta="right">{gap.times}</Table.Td>
              <Table.Td ta="right">
                {span(gap.seconds, language)}
                {gap.open ? ` (${say("figures-gap-open")})` : ""}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

/** What failed for many at once. */
export function Storms({ storms }: { storms: Report["storms"] }) {
  const { language, say, sayOr } = useWording();
  if (storms.length === 0) return <Nothing>{say("figures-storms-none")}</Nothing>;
  return (
    <Wide label={say("figures-storms")} width="38rem">
      <Table striped>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say("figures-storm-what")}</Table.Th>
            <Table.Th>{say("area")}</Table.Th>
            <Table.Th>{say("figures-storm-since")}</Table.Th>
            <Table.Th>{say("figures-storm-until")}</Table.Th>
            <Table.Th ta="right">{say("figures-incidents")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="figures">
          {storms.map((storm) => (
            <Table.Tr key={`${storm.kind} ${storm.area} ${storm.since}`}>
              <Table.Th scope="row" fw={500}>
                {sayOr(`kind-${storm.kind}`, storm.kind)}
              </Table.Th>
              <Table.Td>{storm.area_name}</Table.Td>
              <Table.Td>{dateTime(storm.since, language)}</Table.Td>
              <Table.Td>{storm.ended_at ? dateTime(storm.ended_at, language) : say("figures-gap-open")}</Table.Td>
              <Table.Td ta="right">{storm.incidents}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
