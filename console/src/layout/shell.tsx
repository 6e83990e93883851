import {
  ActionIcon,
  AppShell,
  Box,
  Burger,
  Group,
  Indicator,
  Kbd,
  Menu,
  NavLink,
  ScrollArea,
  Text,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconSend,
  IconSun,
  IconSunMoon,
  IconUserCircle,
} from "@tabler/icons-react";
import { useEffect } from "react";
import { Link, Outlet, useLocation, useNavigate } from "react-router";
import { useAreaName } from "../areas/use-areas";
import { Attention } from "../attention/attention-banner";
import { NoticeSwitch } from "../attention/notice-switch";
import { SoundSwitch } from "../attention/sound-switch";
import { useMyself } from "../channels/use-myself";
import { useKeys } from "../keys/use-keys";
import { keepLive } from "../live/stream";
import { NAVIGATION } from "../navigation";
import { useLiveQueue } from "../queue/use-queue";
import { signOut } from "../session/session";
import { useUser } from "../session/use-session";
import { useWording } from "../wording/use-wording";
import { ConnectionBanner, ConnectionSign } from "./connection-sign";
import { KeysHelp } from "./keys-help";
import { LanguageSwitch } from "./language-switch";
import classes from "./shell.module.css";

/** Around every page: where one can go, who is signed in, whether it is live. */
export function Shell() {
  const { say } = useWording();
  const user = useUser();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [opened, { toggle, close }] = useDisclosure();
  const [keysShown, keys] = useDisclosure();
  const pages = NAVIGATION.filter((page) => user.permissions.includes(page.permission));
  const reads = user.permissions.includes("incident:read");
  useLiveQueue();
  useEffect(() => (reads ? keepLive() : undefined), [reads]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time another page is shown
  useEffect(close, [pathname]);
  useKeys("keys-everywhere", [
    { chord: "?", wording: "keys-help", run: keys.open },
    ...pages.map((page) => ({ chord: `g ${page.go}`, wording: page.wording, run: () => void navigate(page.path) })),
  ]);
  return (
    <AppShell
      header={{ height: { base: 52, sm: 56 } }}
      navbar={{ width: 252, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding={{ base: "xs", sm: "md" }}
    >
      <a href="#page" className={classes.skip}>
        {say("skip")}
      </a>
      <AppShell.Header className="no-print">
        <Group h="100%" px="sm" justify="space-between" wrap="nowrap" gap="xs">
          <Group gap="xs" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={say("navigation")}
              aria-expanded={opened}
            />
            <Link to="/" className={classes.name}>
              <img src="/icon.svg" alt="" width={26} height={26} />
              <span>{say("name")}</span>
            </Link>
          </Group>
          <Group gap="xs" wrap="nowrap">
            {reads ? <ConnectionSign /> : null}
            {reads ? <SoundSwitch /> : null}
            {reads ? <NoticeSwitch /> : null}
            <Box visibleFrom="sm">
              <LanguageSwitch />
            </Box>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              visibleFrom="sm"
              onClick={keys.open}
              aria-label={say("keys-title")}
            >
              <IconKeyboard size={22} aria-hidden />
            </ActionIcon>
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" className="no-print" aria-label={say("navigation")}>
        <AppShell.Section grow component={ScrollArea}>
          {pages.map((page) => (
            <NavLink
              key={page.path}
              component={Link}
              to={page.path}
              active={page.path === "/" ? pathname === "/" : pathname.startsWith(page.path)}
              aria-current={pathname === page.path ? "page" : undefined}
              label={say(page.wording)}
              leftSection={<page.icon size={20} aria-hidden />}
              rightSection={
                <Box visibleFrom="sm" aria-hidden>
                  <Kbd size="xs">g</Kbd> <Kbd size="xs">{page.go}</Kbd>
                </Box>
              }
              className={classes.link}
            />
          ))}
        </AppShell.Section>
        <AppShell.Section hiddenFrom="sm" p="xs">
          <LanguageSwitch />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1} className={classes.main}>
        <ConnectionBanner />
        {reads ? <Attention /> : null}
        <Outlet />
      </AppShell.Main>
      <KeysHelp opened={keysShown} onClose={keys.close} />
    </AppShell>
  );
}

function UserMenu() {
  const { say } = useWording();
  const user = useUser();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const areaName = useAreaName();
  const myself = useMyself().data;
  const unreachable = myself?.reachable === false;
  const schemes = [
    { value: "light", icon: IconSun },
    { value: "dark", icon: IconMoon },
    { value: "auto", icon: IconSunMoon },
  ] as const;
  return (
    <Menu position="bottom-end" width={260} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={[say("user-menu", { name: user.display_name }), unreachable ? say("my-channels-unreachable") : ""]
            .filter((each) => each !== "")
            .join(" · ")}
        >
          <Indicator color="red.8" size={11} offset={3} disabled={!unreachable}>
            <IconUserCircle size={24} aria-hidden style={{ display: "block" }} />
          </Indicator>
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Box px="sm" py={6}>
          <Text fw={600}>{user.display_name}</Text>
          <Text size="sm" c="dimmed">
            {say(`role-${user.role}`)}
            {user.area ? ` · ${areaName(user.area)}` : ""}
          </Text>
        </Box>
        {myself ? (
          <>
            <Menu.Divider />
            <Menu.Item component={Link} to="/channels" leftSection={<IconSend size={16} aria-hidden />}>
              {say("my-channels-title")}
              {unreachable ? (
                <Text size="sm" fw={600} c="var(--kanhu-emergency)">
                  {say("my-channels-unreachable")}
                </Text>
              ) : null}
            </Menu.Item>
          </>
        ) : null}
        <Menu.Divider />
        {schemes.map((scheme) => (
          <Menu.Item
            key={scheme.value}
            leftSection={<scheme.icon size={16} aria-hidden />}
            onClick={() => setColorScheme(scheme.value)}
            {...(colorScheme === scheme.value ? { rightSection: "✓", "aria-current": true } : {})}
          >
            {say(`scheme-${scheme.value}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut()}>
          {say("sign-out")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
