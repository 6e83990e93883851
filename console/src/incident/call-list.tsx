import { Anchor, Button, Loader, Text, TextInput } from "@mantine/core";
import {
  IconHandOff,
  IconPhone,
  IconPhoneCheck,
  IconPhoneEnd,
  IconPhonePause,
  IconPhoneX,
  IconRecordMail,
} from "@tabler/icons-react";
import { type ComponentType, useState } from "react";
import type { Schemas } from "../api/client";
import { useNow } from "../api/use-now";
import { Failure } from "../layout/failure";
import { when } from "../layout/moments";
import { Section } from "../layout/section";
import { useContacts } from "../residents/use-resident";
import { useMay, useUser } from "../session/use-session";
import { useStep } from "../steps/use-step";
import { useWording } from "../wording/use-wording";
import { possible } from "./actions";
import { CALL_LIST } from "./actions-bar";
import classes from "./call-list.module.css";
import { type Call, lastCalls } from "./calls";
import type { Detail } from "./use-incident";

type Outcome = Schemas["CallOutcome"];

const OUTCOMES: readonly { outcome: Outcome; icon: ComponentType<{ size?: number; "aria-hidden"?: boolean }> }[] = [
  { outcome: "answered", icon: IconPhoneCheck },
  { outcome: "no_answer", icon: IconPhoneX },
  { outcome: "busy", icon: IconPhonePause },
  { outcome: "voicemail", icon: IconRecordMail },
  { outcome: "wrong_number", icon: IconPhoneEnd },
  { outcome: "refused", icon: IconHandOff },
];

interface Person {
  readonly key: string;
  readonly name: string;
  readonly relation: string;
  readonly phone: string;
  readonly who: "resident" | "contact";
  readonly contact: number | null;
  readonly expired: boolean;
}

/** The person and the contacts in the order they are called; what came of a call is one tap. */
export function CallList({ incident }: { incident: Detail }) {
  const { say } = useWording();
  const user = useUser();
  const works = useMay("incident:work");
  const sees = useMay("contact:read");
  const now = useNow();
  const contacts = useContacts(incident.resident_id, sees);
  const [note, setNote] = useState("");
  const { step, busy } = useStep();
  const [calling, setCalling] = useState("");
  const looker = { id: user.id, supervises: user.role === "supervisor", works };
  const may = possible(incident, looker, now, incident.reopen_until).has("call");
  const calls = lastCalls(incident.events);
  const people: Person[] = [
    {
      key: "resident",
      name: incident.resident,
      relation: say("called-resident"),
      phone: incident.person.phone,
      who: "resident",
      contact: null,
      expired: false,
    },
    ...(contacts.data ?? []).map(
      (contact): Person => ({
        key: `contact:${contact.id}`,
        name: contact.name,
        relation: contact.relation,
        phone: contact.phone,
        who: "contact",
        contact: contact.id,
        expired: contact.valid_until !== null && Date.parse(contact.valid_until) <= now,
      }),
    ),
  ];

  async function called(person: Person, outcome: Outcome) {
    setCalling(`${person.key} ${outcome}`);
    const given = { outcome, who: person.who, contact_id: person.contact, note: note.trim() };
    if (await step(incident.id, { kind: "contact", given })) setNote("");
    setCalling("");
  }

  return (
    <Section title={say("calls-title")}>
      {may ? null : (
        <Text size="sm" c="dimmed">
          {say(incident.state === "open" ? "calls-claim-first" : "calls-not-now")}
        </Text>
      )}
      <ol className={classes.list} id={CALL_LIST}>
        {people.map((person) => (
          <li key={person.key} className={classes.person}>
            <div className={classes.who}>
              <span>
                <Text span fw={600}>
                  {person.name}
                </Text>{" "}
                <Text span c="dimmed">
                  {person.relation}
                </Text>
                {person.expired ? (
                  <Text span c="var(--kanhu-near)">
                    {" "}
                    {say("calls-expired")}
                  </Text>
                ) : null}
              </span>
              {person.phone ? (
                <Anchor href={`tel:${person.phone}`} className={classes.phone}>
                  <IconPhone size={18} aria-hidden /> {person.phone}
                </Anchor>
              ) : (
                <Text c="dimmed">{say("contacts-no-phone")}</Text>
              )}
            </div>
            <LastCall call={calls.get(person.key)} />
            {may ? (
              <fieldset className={classes.outcomes} aria-label={say("calls-outcome", { name: person.name })}>
                {OUTCOMES.map(({ outcome, icon: Icon }) => (
                  <Button
                    key={outcome}
                    size="compact-sm"
                    variant={outcome === "answered" ? "filled" : "default"}
                    color={outcome === "answered" ? "#1b6e3c" : "gray"}
                    leftSection={<Icon size={15} aria-hidden />}
                    loading={busy === "contact" && calling === `${person.key} ${outcome}`}
                    onClick={() => void called(person, outcome)}
                  >
                    {say(`call-${outcome}`)}
                  </Button>
                ))}
              </fieldset>
            ) : null}
          </li>
        ))}
      </ol>
      {contacts.isFetching && !contacts.data ? <Loader size="sm" role="status" aria-label={say("loading")} /> : null}
      {contacts.isError ? <Failure error={contacts.error} again={() => void contacts.refetch()} /> : null}
      {contacts.data?.length === 0 ? <Text fw={600}>{say("contacts-none")}</Text> : null}
      {may ? (
        <TextInput
          label={say("calls-note")}
          description={say("calls-note-text")}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          maxLength={4000}
        />
      ) : null}
    </Section>
  );
}

function LastCall({ call }: { call: Call | undefined }) {
  const { language, say, sayOr } = useWording();
  const now = useNow();
  if (call === undefined) return null;
  return (
    <Text size="sm" c={call.outcome === "answered" ? "var(--kanhu-well)" : "var(--kanhu-near)"} fw={600}>
      {say("calls-last", {
        count: call.count,
        outcome: sayOr(`call-${call.outcome}`, call.outcome),
        time: when(call.at, now, language),
      })}
    </Text>
  );
}
