// Fluent messages (https://projectfluent.org): the console's own in ./{language}/*.ftl, one file a subject, and those it
// shares with the messages that go to people, in core/wording.
import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";
import { LANGUAGES, type Language } from "./languages";

const own: Record<string, string> = import.meta.glob("./*/*.ftl", { query: "?raw", import: "default", eager: true });
const shared: Record<string, string> = import.meta.glob("../../../core/wording/*/{alerts,closure,incident_work}.ftl", {
  query: "?raw",
  import: "default",
  eager: true,
});

export type Arguments = Readonly<Record<string, FluentVariable>>;

/** All texts of a language, as files. */
export function sources(language: Language): string[] {
  return [...Object.entries(shared), ...Object.entries(own)]
    .filter(([path]) => path.includes(`/${language}/`))
    .map(([, text]) => text);
}

/** The messages of a language. Throws for a text that is not Fluent, or a name that is there twice. */
export function bundleOf(language: Language): FluentBundle {
  const bundle = new FluentBundle(language, { useIsolating: false });
  for (const text of sources(language)) {
    const errors = bundle.addResource(new FluentResource(text));
    if (errors[0]) throw errors[0];
  }
  return bundle;
}

const bundles = new Map<Language, FluentBundle>();

function bundle(language: Language): FluentBundle {
  const made = bundles.get(language) ?? bundleOf(language);
  bundles.set(language, made);
  return made;
}

/** Whether there is such a message. */
export function has(language: Language, name: string): boolean {
  return bundle(language).hasMessage(name);
}

/** The message in the language. One that is missing, or lacks an argument, is a fault that tests find; its name shows. */
export function say(language: Language, name: string, given?: Arguments): string {
  const pattern = bundle(language).getMessage(name)?.value;
  return pattern ? bundle(language).formatPattern(pattern, given, []) : name;
}

for (const language of LANGUAGES) bundle(language);
