import { Anchor, Loader, Stack, Table, Title } from "@mantine/core";
import { Failure } from "../layout/failure";
import { clockTime } from "../layout/moments";
import { useWording } from "../wording/use-wording";
import { useQueue } from "./use-queue";

export function Page() {
  const { language, say, sayOr } = useWording();
  const queue = useQueue();
  return (
    <Stack>
      <Title order={1} size="h2">
        {say("queue-title")}
      </Title>
      {queue.isError && !queue.data ? <Failure error={queue.error} again={() => void queue.refetch()} /> : null}
      {queue.isPending ? <Loader aria-label={say("loading")} /> : null}
      <Table>
        <Table.Tbody>
          {queue.data?.map((incident) => (
            <Table.Tr key={incident.id}>
              <Table.Td>{sayOr(`kind-${incident.kind}`, incident.kind)}</Table.Td>
              <Table.Td>
                <Anchor component="span">{incident.resident}</Anchor>
              </Table.Td>
              <Table.Td>{incident.address}</Table.Td>
              <Table.Td>{clockTime(incident.raised_at, language)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
