import { Alert, Button, Stack, Text, Title } from "@mantine/core";
import { useRouteError } from "react-router";
import { useWording } from "../wording/use-wording";

/** In place of a page that failed: the rest of the console goes on. */
export function Broken() {
  const { say } = useWording();
  const error = useRouteError();
  return (
    <Alert color="red" m="md" role="alert">
      <Stack align="start" gap="sm">
        <Title order={1} size="h3">
          {say("broken-title")}
        </Title>
        <Text>{say("broken-text")}</Text>
        <Text size="sm" ff="monospace">
          {error instanceof Error ? error.message : String(error)}
        </Text>
        <Button onClick={() => window.location.reload()}>{say("broken-reload")}</Button>
      </Stack>
    </Alert>
  );
}
