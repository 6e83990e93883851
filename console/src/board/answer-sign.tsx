import { Badge } from "@mantine/core";
import { IconShieldCheck, IconShieldHalf, IconShieldX } from "@tabler/icons-react";
import { useWording } from "../wording/use-wording";
import type { Protected } from "./use-board";

const SIGNS = {
  yes: { color: "green.9", icon: IconShieldCheck },
  partly: { color: "orange.9", icon: IconShieldHalf },
  no: { color: "red.9", icon: IconShieldX },
} as const;

/** The answer as a sign: shape, word and colour say the same. */
export function AnswerSign({ answer, size = "lg" }: { answer: Protected; size?: "lg" | "xl" }) {
  const { say } = useWording();
  const { color, icon: Icon } = SIGNS[answer];
  return (
    <Badge
      color={color}
      variant={answer === "no" ? "filled" : "light"}
      size={size}
      tt="none"
      leftSection={<Icon size={16} aria-hidden />}
      style={{ flexShrink: 0 }}
    >
      {say(`protected-${answer}`)}
    </Badge>
  );
}
