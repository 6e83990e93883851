import { Group, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { useWording } from "../wording/use-wording";

/** The head of a page: its title, which is the tab's too, and what stands beside it. */
export function PageHead({ title, children }: { title: string; children?: ReactNode }) {
  const { say } = useWording();
  useEffect(() => {
    document.title = `${title} · ${say("name")}`;
  }, [title, say]);
  return (
    <Group justify="space-between" align="end" gap="sm">
      <Title order={1} size="h2">
        {title}
      </Title>
      {children}
    </Group>
  );
}
