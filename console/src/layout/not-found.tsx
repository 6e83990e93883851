import { Anchor, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import { useWording } from "../wording/use-wording";

export function NotFound() {
  const { say } = useWording();
  return (
    <Stack p="md" gap="xs">
      <Title order={1} size="h2">
        {say("not-found-title")}
      </Title>
      <Text>{say("not-found-text")}</Text>
      <Anchor component={Link} to="/">
        {say("not-found-queue")}
      </Anchor>
    </Stack>
  );
}
