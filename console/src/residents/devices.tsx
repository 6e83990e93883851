import { Group, Stack, Table, Text } from "@mantine/core";
import { useNow } from "../api/use-now";
import { DeviceName } from "../devices/device-name";
import { Retire } from "../devices/retire";
import { Loaded, Nothing } from "../layout/loaded";
import { dateTime, when } from "../layout/moments";
import { Section } from "../layout/section";
import { ago } from "../layout/spans";
import { Tag } from "../layout/tag";
import { useMay } from "../session/use-session";
import { useWording } from "../wording/use-wording";
import { isSilent } from "./silence";
import { type Seen, useLastSeen, useRetired } from "./use-resident";

const LOW_BATTERY = 20;

/** The devices that watch a resident: last heard of, battery; and those out of use. */
export function Devices({ residentId, resident }: { residentId: number; resident: string }) {
  const { say } = useWording();
  const seen = useLastSeen(residentId);
  return (
    <Section title={say("resident-devices")}>
      <Loaded query={seen}>
        {(all) =>
          all.length === 0 ? (
            <Nothing>{say("resident-devices-none")}</Nothing>
          ) : (
            <Table verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{say("devices-device")}</Table.Th>
                  <Table.Th>{say("device-last-seen")}</Table.Th>
                  <Table.Th>{say("device-battery")}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map((device) => (
                  <Table.Tr key={device.device_id}>
                    <Table.Td>
                      <Group gap="xs">
                        <DeviceName kind={device.kind} room={device.room} code={device.code} />
                        <Retire deviceId={device.device_id} name={`${device.code} (${resident})`} retired={false} />
                      </Group>
                    </Table.Td>
                    <Table.Td>
                      <LastSeen device={device} />
                    </Table.Td>
                    <Table.Td>
                      <Battery device={device} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Loaded>
      <RetiredDevices residentId={residentId} resident={resident} />
    </Section>
  );
}

function LastSeen({ device }: { device: Seen }) {
  const { language, say } = useWording();
  const now = useNow();
  if (device.last_seen === null) {
    // A button that nobody has pressed yet has nothing to say.
    return <Text c="dimmed">{say(device.interval_s > 0 ? "device-never-seen" : "device-not-yet")}</Text>;
  }
  return (
    <Stack gap={0} align="start" style={{ whiteSpace: "nowrap" }}>
      <time dateTime={device.last_seen} title={when(device.last_seen, now, language)}>
        {ago(device.last_seen, now, language)}
      </time>
      {isSilent(device, now) ? <Tag kind="warning">{say("device-silent")}</Tag> : null}
    </Stack>
  );
}

function Battery({ device }: { device: Seen }) {
  const { say } = useWording();
  if (device.battery === null) return <Text c="dimmed">–</Text>;
  const percent = say("device-percent", { percent: Math.round(device.battery) });
  return device.battery < LOW_BATTERY ? (
    <Tag kind="warning">{percent}</Tag>
  ) : (
    <Text className="figures">{percent}</Text>
  );
}

function RetiredDevices({ residentId, resident }: { residentId: number; resident: string }) {
  const { language, say } = useWording();
  const may = useMay("directory:write");
  const retired = useRetired(residentId);
  if (!retired.data?.length) return null;
  return (
    <details>
      <summary>{say("resident-devices-retired", { count: retired.data.length })}</summary>
      <Stack component="ul" gap={4} my="xs">
        {retired.data.map((device) => (
          <li key={device.id}>
            <Group gap="xs">
              <DeviceName kind={device.kind} room={device.room} code={device.code} />
              <Text size="sm" c="dimmed">
                {say("device-retired-since", { time: dateTime(device.retired_at ?? 0, language) })}
              </Text>
              {may ? <Retire deviceId={device.id} name={`${device.code} (${resident})`} retired /> : null}
            </Group>
          </li>
        ))}
      </Stack>
    </details>
  );
}
