import { ActionIcon, Tooltip } from "@mantine/core";
import { IconBellOff, IconBellRinging, IconBellX } from "@tabler/icons-react";
import { useSyncExternalStore } from "react";
import { useWording } from "../wording/use-wording";
import { onSound, soundState, switchSound } from "./sound";

const ICONS = { on: IconBellRinging, off: IconBellOff, "waits-for-click": IconBellX };

/** Shows whether a new emergency can be heard, and switches it. */
export function SoundSwitch() {
  const { say } = useWording();
  const state = useSyncExternalStore(onSound, soundState);
  const Icon = ICONS[state];
  const label = say(`sound-${state}`);
  return (
    <Tooltip label={label}>
      <ActionIcon
        size="lg"
        variant={state === "on" ? "subtle" : "filled"}
        color={state === "on" ? "gray" : "orange.9"}
        aria-label={label}
        onClick={() => switchSound(state !== "on")}
      >
        <Icon size={22} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
