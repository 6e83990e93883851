import { IconShieldCheck, IconShieldHalf, IconShieldX } from "@tabler/icons-react";
import { Tag } from "../layout/tag";
import { useWording } from "../wording/use-wording";
import type { Protected } from "./use-board";

const SIGNS = {
  yes: { kind: "good", icon: IconShieldCheck },
  partly: { kind: "warning", icon: IconShieldHalf },
  no: { kind: "danger", icon: IconShieldX },
} as const;

/** The answer as a sign: shape, word and colour say the same. */
export function AnswerSign({ answer, large }: { answer: Protected; large?: boolean }) {
  const { say } = useWording();
  const { kind, icon: Icon } = SIGNS[answer];
  return (
    <Tag kind={kind} {...(large ? { large } : {})}>
      <Icon size={large ? 22 : 18} aria-hidden />
      {say(`protected-${answer}`)}
    </Tag>
  );
}
