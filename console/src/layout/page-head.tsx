import { Group, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { usePageTitle } from "../attention/use-attention";

/** The head of a page: its title, which is the tab's too, and what stands beside it. */
export function PageHead({ title, children }: { title: string; children?: ReactNode }) {
  usePageTitle(title);
  return (
    <Group justify="space-between" align="end" gap="sm">
      <Title order={1} size="h2">
        {title}
      </Title>
      {children}
    </Group>
  );
}
