import { Table } from "@mantine/core";
import type { Schemas } from "../api/client";
import { Nothing } from "../layout/loaded";
import { share } from "../layout/spans";
import { Wide } from "../layout/wide";
import { useWording } from "../wording/use-wording";

/** How many residents the regular checks reached, by area. */
export function CheckFigures({ rows }: { rows: readonly Schemas["AreaChecks"][] }) {
  const { language, say } = useWording();
  if (rows.every((row) => row.residents === 0)) return <Nothing>{say("figures-checks-none")}</Nothing>;
  return (
    <Wide label={say("figures-checks")} width="32rem">
      <Table striped>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say("area")}</Table.Th>
            <Table.Th ta="right">{say("check-residents")}</Table.Th>
            <Table.Th ta="right">{say("check-count-due")}</Table.Th>
            <Table.Th ta="right">{say("check-count-done")}</Table.Th>
            <Table.Th ta="right">{say("check-count-overdue")}</Table.Th>
            <Table.Th ta="right">{say("check-reached")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="figures">
          {rows.map((row) => (
            <Table.Tr key={row.area}>
              <Table.Th scope="row" fw={500}>
                {row.area_name}
              </Table.Th>
              <Table.Td ta="right">{row.residents}</Table.Td>
              <Table.Td ta="right">{row.due}</Table.Td>
              <Table.Td ta="right">{row.done}</Table.Td>
              <Table.Td ta="right">{row.overdue}</Table.Td>
              <Table.Td ta="right">
                {say("check-reached-share", {
                  reached: row.reached,
                  residents: row.residents,
                  share: share(row.share_reached, language),
                })}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
