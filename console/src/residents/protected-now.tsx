import { Group, Text } from "@mantine/core";
import { useNow } from "../api/use-now";
import { AnswerSign } from "../board/answer-sign";
import { Reasons } from "../board/reasons";
import { useProtection } from "../board/use-board";
import { Loaded } from "../layout/loaded";
import { when } from "../layout/moments";
import { Section } from "../layout/section";
import { useRefresh } from "../live/use-refresh";
import { useWording } from "../wording/use-wording";
import { AlarmTest } from "./alarm-test";

/** Is this person protected now? One answer, and everything that was looked at. */
export function ProtectedNow({ residentId }: { residentId: number }) {
  const { language, say } = useWording();
  const now = useNow();
  const protection = useProtection(residentId);
  useRefresh(["resident", residentId, "protection"], (change) => change.incident.resident_id === residentId);
  return (
    <Section title={say("protected-title")}>
      <Loaded query={protection}>
        {({ protected: answer, reasons, checked_at, last_test_at }) => (
          <>
            <Group gap="sm">
              <AnswerSign answer={answer} large />
              <Text size="sm" c="dimmed">
                {say("protected-checked", { time: when(checked_at, now, language) })}
              </Text>
            </Group>
            <Reasons reasons={reasons} />
            {last_test_at ? (
              <Text size="sm">{say("protected-last-test", { time: when(last_test_at, now, language) })}</Text>
            ) : null}
            <AlarmTest residentId={residentId} />
          </>
        )}
      </Loaded>
    </Section>
  );
}
