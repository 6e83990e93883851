import { Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { dateTime } from "../layout/moments";
import { Tag } from "../layout/tag";
import { useWording } from "../wording/use-wording";

export interface Shown {
  readonly id: number;
  readonly kind: string;
  readonly failed_at: string | null;
  readonly failure: string | null;
}

/** How somebody is reached, in the order in which it is tried, or loudly that nothing reaches them. */
export function ChannelList<Channel extends Shown>({
  channels,
  beside,
}: {
  channels: readonly Channel[];
  /** what stands beside each; place: from 1 */
  beside?: (channel: Channel, place: number) => ReactNode;
}) {
  const { language, say } = useWording();
  if (channels.length === 0) return <Tag kind="danger">{say("channels-none")}</Tag>;
  return (
    <Stack gap={4} align="start">
      <Stack component="ol" gap={4} m={0} ps="1.4rem">
        {channels.map((channel, index) => (
          <li key={channel.id}>
            <Group gap="xs">
              <Text size="sm">
                {say(`channel-kind-${channel.kind}`)}
                {" · "}
                {channel.failed_at === null ? (
                  say("channel-works")
                ) : (
                  <Text span fw={600} style={{ color: "var(--kanhu-emergency)" }}>
                    {say("channel-failed", { time: dateTime(channel.failed_at, language), why: channel.failure ?? "" })}
                  </Text>
                )}
              </Text>
              {beside?.(channel, index + 1)}
            </Group>
          </li>
        ))}
      </Stack>
      {channels.every((channel) => channel.failed_at !== null) ? (
        <Tag kind="danger">{say("channels-none-works")}</Tag>
      ) : null}
    </Stack>
  );
}
