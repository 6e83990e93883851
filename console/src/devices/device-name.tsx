import { Text } from "@mantine/core";
import { useWording } from "../wording/use-wording";

interface Given {
  kind: string;
  room: string;
  code: string;
}

/** What a device is and where it hangs, with its code for whoever mends it. */
export function DeviceName({ kind, room, code }: Given) {
  const { sayOr } = useWording();
  return (
    <span>
      {sayOr(`device-kind-${kind}`, kind)}
      {room ? ` · ${sayOr(`room-${room}`, room)}` : ""}{" "}
      <Text span size="sm" c="dimmed" ff="monospace">
        {code}
      </Text>
    </span>
  );
}
