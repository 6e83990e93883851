import { Button, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { Dialog } from "../layout/dialog";
import { useMay } from "../session/use-session";
import { useWording } from "../wording/use-wording";

interface Given {
  deviceId: number;
  /** what it is, for the question */
  name: string;
  retired: boolean;
}

/** Takes a device out of use, after a question, or back into use. Only for who keeps the directory. */
export function Retire({ deviceId, name, retired }: Given) {
  const { say } = useWording();
  const queries = useQueryClient();
  const [asking, { open, close }] = useDisclosure();
  const may = useMay("directory:write");
  const change = useMutation({
    mutationFn: async () => {
      const path = { device_id: deviceId };
      const { resident_id, kind, interval_s, room, model } = await body(
        api.GET("/api/v1/devices/{device_id}", { params: { path } }),
      );
      const details = { resident_id, kind, interval_s, room, model, retired: !retired };
      return body(api.PUT("/api/v1/devices/{device_id}", { params: { path }, body: details }));
    },
    onSuccess: () => {
      close();
      notifications.show({
        color: "green",
        message: say(retired ? "device-back-done" : "device-retired-done", { name }),
      });
      for (const key of ["troubles", "resident"]) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
  if (!may) return null;
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        onClick={open}
        aria-label={`${say(retired ? "device-back" : "device-retire")}: ${name}`}
      >
        {say(retired ? "device-back" : "device-retire")}
      </Button>
      {asking ? (
        <Dialog
          title={say(retired ? "device-back" : "device-retire")}
          close={() => {
            change.reset();
            close();
          }}
          action={say(retired ? "device-back" : "device-retire")}
          act={() => change.mutate()}
          busy={change.isPending}
          failure={change.error}
          danger={!retired}
        >
          <Text>{say(retired ? "device-back-question" : "device-retire-question", { name })}</Text>
        </Dialog>
      ) : null}
    </>
  );
}
