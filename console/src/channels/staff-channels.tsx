import { Button, Group, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import type { Schemas } from "../api/client";
import { SureDialog } from "../layout/sure-dialog";
import type { StaffMember } from "../rota/use-rota";
import { useWording } from "../wording/use-wording";
import { AddChannelDialog } from "./add-channel-dialog";
import { ChannelList } from "./channel-list";
import { useRemoveChannel } from "./use-staff-channels";

type Channel = Schemas["StaffChannel"];

/** How one person of the centre is reached; who may changes it. */
export function StaffChannels({ person, may }: { person: StaffMember; may: boolean }) {
  const { say } = useWording();
  const remove = useRemoveChannel(person.id);
  const [adding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<{ channel: Channel; called: string } | null>(null);
  const others = person.channels.filter((each) => each.id !== removed?.channel.id && each.failed_at === null);
  function close() {
    remove.reset();
    setRemoved(null);
  }
  return (
    <Stack gap="xs" align="start">
      <ChannelList
        channels={person.channels}
        beside={(channel, place) => {
          const called = `${place}. ${say(`channel-kind-${channel.kind}`)}`;
          return may ? (
            <Button
              size="compact-xs"
              variant="default"
              aria-label={say("channel-remove-title", { channel: called, name: person.display_name })}
              onClick={() => setRemoved({ channel, called })}
            >
              {say("remove")}
            </Button>
          ) : null;
        }}
      />
      {may ? (
        <Group>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={say("channel-add-title", { name: person.display_name })}
            onClick={() => setAdding(true)}
          >
            {say("channel-add")}
          </Button>
        </Group>
      ) : null}
      {adding ? <AddChannelDialog person={person} close={() => setAdding(false)} /> : null}
      {removed ? (
        <SureDialog
          title={say("channel-remove-title", { channel: removed.called, name: person.display_name })}
          question={say(others.length > 0 ? "channel-remove-question" : "channel-remove-last", {
            name: person.display_name,
          })}
          busy={remove.isPending}
          failure={remove.error}
          close={close}
          sure={() =>
            remove.mutate(removed.channel.id, {
              onSuccess: () => {
                notifications.show({ color: "green", message: say("channel-removed", { name: person.display_name }) });
                close();
              },
            })
          }
        />
      ) : null}
    </Stack>
  );
}
