import { ActionIcon, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDeviceDesktopExclamation, IconDeviceDesktopOff, IconDeviceDesktopX } from "@tabler/icons-react";
import { useSyncExternalStore } from "react";
import { useWording } from "../wording/use-wording";
import { noticing, onNoticing, switchNotices } from "./noticing";

const ICONS = {
  on: IconDeviceDesktopExclamation,
  off: IconDeviceDesktopOff,
  refused: IconDeviceDesktopX,
  unable: IconDeviceDesktopX,
};

/** Shows whether a new emergency is told outside the tab as well, and switches it. */
export function NoticeSwitch() {
  const { say } = useWording();
  const state = useSyncExternalStore(onNoticing, noticing);
  if (state === "none") return null;
  const Icon = ICONS[state];
  const label = say(`notices-${state}`);
  async function change() {
    const trial = { tag: "trial", title: say("notices-trial"), body: say("notices-trial-text") };
    const said = await switchNotices(state !== "on", trial);
    if (said === "granted") return;
    notifications.show({
      color: "orange",
      title: say(said === "denied" ? "notices-said-no" : "notices-said-nothing"),
      message: say(said === "denied" ? "notices-said-no-text" : "notices-said-nothing-text"),
      autoClose: 15_000,
      role: "alert",
    });
  }
  return (
    <Tooltip label={label} multiline maw={280}>
      <ActionIcon size="lg" variant="subtle" color="gray" aria-label={label} onClick={() => void change()}>
        <Icon size={22} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
