import { Anchor, Box, Group, Stack, Text } from "@mantine/core";
import { useNow } from "../api/use-now";
import { ChannelList } from "../channels/channel-list";
import { Loaded, Nothing } from "../layout/loaded";
import { dateTime } from "../layout/moments";
import { Section } from "../layout/section";
import { Tag } from "../layout/tag";
import { useWording } from "../wording/use-wording";
import { type Contact, useContacts } from "./use-resident";

/** Whom to call, in the order they are called, and whether messages reach them. */
export function Contacts({ residentId }: { residentId: number }) {
  const { say } = useWording();
  const contacts = useContacts(residentId);
  return (
    <Section title={say("contacts-title")}>
      <Loaded query={contacts}>
        {(all) =>
          all.length === 0 ? (
            <Nothing>{say("contacts-none")}</Nothing>
          ) : (
            <Stack component="ol" gap="sm" m={0} ps="1.2rem">
              {all.map((contact) => (
                <li key={contact.id}>
                  <OneContact contact={contact} />
                </li>
              ))}
            </Stack>
          )
        }
      </Loaded>
    </Section>
  );
}

function OneContact({ contact }: { contact: Contact }) {
  const { language, say } = useWording();
  const now = useNow();
  const expired = contact.valid_until !== null && Date.parse(contact.valid_until) <= now;
  return (
    <Box>
      <Group gap="xs">
        <Text fw={600}>{contact.name}</Text>
        {contact.relation ? <Text c="dimmed">{contact.relation}</Text> : null}
        {contact.phone ? (
          <Anchor href={`tel:${contact.phone}`}>{contact.phone}</Anchor>
        ) : (
          <Text c="dimmed">{say("contacts-no-phone")}</Text>
        )}
      </Group>
      {expired && contact.valid_until ? (
        <Tag kind="danger">{say("contacts-expired", { time: dateTime(contact.valid_until, language) })}</Tag>
      ) : null}
      <ChannelList channels={contact.channels} />
    </Box>
  );
}
