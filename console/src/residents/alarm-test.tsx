import { Button, Group, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { api, body, idempotencyKey } from "../api/client";
import { useNow } from "../api/use-now";
import { failureText } from "../layout/failure";
import { when } from "../layout/moments";
import { Note } from "../layout/note";
import { useMay } from "../session/use-session";
import { useWording } from "../wording/use-wording";

/** Asks the wearer to press SOS, so that the whole way is tried: from the button to somebody who answers. */
export function AlarmTest({ residentId }: { residentId: number }) {
  const wording = useWording();
  const { language, say } = wording;
  const now = useNow();
  const may = useMay("alarm:test");
  const ask = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/v1/residents/{resident_id}/test", {
          params: { path: { resident_id: residentId }, header: { "idempotency-key": idempotencyKey() } },
        }),
      ),
  });
  if (!may) return null;
  return (
    <div aria-live="polite">
      {ask.data ? (
        <Note kind={Date.parse(ask.data.expires_at) > now ? "info" : "warning"} title={say("test-asked")}>
          <Text>{say("test-press", { time: when(ask.data.expires_at, now, language) })}</Text>
          <Text size="sm">{say("test-close")}</Text>
        </Note>
      ) : (
        <Group gap="sm">
          <Button variant="default" loading={ask.isPending} onClick={() => ask.mutate()}>
            {say("test-ask")}
          </Button>
          <Text size="sm" c="dimmed" flex="1 1 14rem">
            {say("test-text")}
          </Text>
        </Group>
      )}
      {ask.isError ? <Note kind="danger">{failureText(ask.error, wording)}</Note> : null}
    </div>
  );
}
