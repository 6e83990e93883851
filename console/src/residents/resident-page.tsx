import { Anchor, Group, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconPhone } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useParams } from "react-router";
import { now } from "../api/clock";
import { useAreaName } from "../areas/use-areas";
import { Loaded } from "../layout/loaded";
import { NotFound } from "../layout/not-found";
import { PageHead } from "../layout/page-head";
import { Section } from "../layout/section";
import { useMay } from "../session/use-session";
import { useWording } from "../wording/use-wording";
import { Checks } from "./checks";
import { Contacts } from "./contacts";
import { Devices } from "./devices";
import { Incidents } from "./incidents";
import { ProtectedNow } from "./protected-now";
import { type Resident, useHousehold, useResident } from "./use-resident";
import { Vitals } from "./vitals";

/** Everything about one person. */
export function Page() {
  const { id = "" } = useParams();
  if (!/^[1-9]\d{0,8}$/.test(id)) return <NotFound />;
  return <OneResident key={id} id={Number(id)} />;
}

function OneResident({ id }: { id: number }) {
  const resident = useResident(id);
  return <Loaded query={resident}>{(person) => <Person resident={person} />}</Loaded>;
}

function Person({ resident }: { resident: Resident }) {
  const mayContacts = useMay("contact:read");
  const mayReadings = useMay("reading:read");
  const mayChecks = useMay("check:read");
  return (
    <Stack>
      <Head resident={resident} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md" style={{ alignItems: "start" }}>
        <Stack miw={0}>
          <ProtectedNow residentId={resident.id} />
          <Incidents residentId={resident.id} />
          {mayContacts ? <Contacts residentId={resident.id} /> : null}
          <Home resident={resident} />
        </Stack>
        <Stack miw={0}>
          <Health resident={resident} />
          {mayChecks ? <Checks resident={resident} /> : null}
          <Devices residentId={resident.id} resident={resident.name} />
        </Stack>
      </SimpleGrid>
      {mayReadings ? <Vitals residentId={resident.id} /> : null}
    </Stack>
  );
}

function Head({ resident }: { resident: Resident }) {
  const { say } = useWording();
  const areaName = useAreaName();
  const year = new Date(now()).getFullYear();
  const about = [
    resident.birth_year === null ? null : say("resident-age", { age: year - resident.birth_year }),
    resident.sex === null ? null : say(`sex-${resident.sex}`),
    areaName(resident.area),
    say("resident-household", { code: resident.household }),
  ].filter((each) => each !== null);
  return (
    <div>
      <PageHead title={resident.name}>
        {resident.phone ? (
          <Anchor href={`tel:${resident.phone}`} fw={600}>
            <Group gap={6} component="span" wrap="nowrap">
              <IconPhone size={18} aria-hidden />
              {resident.phone}
            </Group>
          </Anchor>
        ) : null}
      </PageHead>
      <Text c="dimmed">{about.join(" · ")}</Text>
    </div>
  );
}

function Home({ resident }: { resident: Resident }) {
  const { say } = useWording();
  const may = useMay("household:read");
  return (
    <Section title={say("resident-home")}>
      <Fact name={say("resident-address")}>{resident.address || say("resident-unknown")}</Fact>
      {may ? <AccessNotes householdId={resident.household_id} /> : null}
    </Section>
  );
}

function AccessNotes({ householdId }: { householdId: number }) {
  const { say } = useWording();
  const household = useHousehold(householdId);
  return (
    <Loaded query={household}>
      {({ access_notes, latitude, longitude }) => (
        <>
          <Fact name={say("resident-access")}>{access_notes || say("resident-access-none")}</Fact>
          {latitude !== null && longitude !== null ? (
            <Fact name={say("resident-place")}>
              {latitude.toFixed(5)}, {longitude.toFixed(5)}
            </Fact>
          ) : null}
        </>
      )}
    </Loaded>
  );
}

function Health({ resident }: { resident: Resident }) {
  const { say } = useWording();
  return (
    <Section title={say("resident-health")}>
      <Fact name={say("resident-conditions")}>{resident.conditions || say("resident-none-known")}</Fact>
      <Fact name={say("resident-medicines")}>{resident.medicines || say("resident-none-known")}</Fact>
      <Fact name={say("resident-language")}>{say(`language-${resident.language}`)}</Fact>
    </Section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Paper>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text style={{ whiteSpace: "pre-line", overflowWrap: "anywhere" }}>{children}</Text>
    </Paper>
  );
}
