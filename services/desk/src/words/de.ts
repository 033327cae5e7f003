// SPDX-License-Identifier: EUPL-1.2
/** German, in which the page is written first. A message says what happened, what it means, and what to do now. */

import type { Ending, Outcome, Presence, Trouble } from "../desk/state.ts";
import type { Shared } from "../papers/desk.ts";
import type { Answer, Trouble as Hindrance, Scanned } from "../papers/frame.ts";

/** What a message says: what happened, and then what it means and what comes next. */
export interface Message {
  readonly what: string;
  readonly next: string;
}

/** How long something takes, in words: never shorter than it is. */
function wait(seconds: number): string {
  if (seconds < 60) {
    return seconds === 1 ? "einer Sekunde" : `${seconds} Sekunden`;
  }
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? "einer Minute" : `${minutes} Minuten`;
}

/** The words of the page. */
export const de = {
  tag: "de" as "de" | "en",
  title: "Amtsnah Arbeitsplatz",
  page: "Arbeitsplatz",
  language: "English",
  languageLong: "Switch to English",

  signIn: {
    title: "Anmelden",
    about: "Hier nehmen Sie Gespräche von Bürgerterminals an.",
    desk: "Arbeitsplatz",
    deskHint: "So, wie er von der Verwaltung eingerichtet wurde, zum Beispiel „meldestelle-1“.",
    password: "Passwort",
    show: "Passwort zeigen",
    provider: "Mit dem Konto der Verwaltung anmelden",
    or: "Oder mit dem Passwort des Arbeitsplatzes",
    go: "Anmelden",
    going: "Sie werden angemeldet …",
    looking: "Einen Moment …",
  },

  signedInAs: (desk: string, person: string) => `Angemeldet: ${desk}${person === "" ? "" : ` (${person})`}`,
  signOut: "Abmelden",

  presence: {
    title: "Ich bin",
    free: "Frei",
    busy: "Beschäftigt",
    break: "In der Pause",
    about: {
      free: "Bei Ihnen klingelt es, sobald jemand an der Reihe ist.",
      busy: "Bei Ihnen klingelt es nicht. Für die Wartenden zählen Sie als bald wieder frei.",
      break: "Bei Ihnen klingelt es nicht.",
    } satisfies Record<Presence, string>,
    // What the big words on the page say.
    now: {
      free: "Sie sind frei",
      busy: "Sie sind beschäftigt",
      break: "Sie sind in der Pause",
    } satisfies Record<Presence, string>,
  },

  practice: {
    mark: "Übung",
    // Stands above every screen while one practises.
    banner: "Hier ist niemand. Echte Gespräche klingeln bei Ihnen erst wieder, wenn Sie die Übung beenden.",
    begin: "Üben",
    beginAbout: "Ein Gespräch ohne echte Person. Sie spielen das Terminal in einem zweiten Fenster.",
    now: "Sie üben",
    about: "Bei Ihnen klingelt nur das Übungsterminal. Nichts davon wird gezählt oder gespeichert.",
    steps: [
      "Gehen Sie in das Fenster „Übungsterminal“ und rufen Sie dort an.",
      "Nehmen Sie das Gespräch hier an, wie ein echtes.",
      "Wechseln Sie zwischen beiden Fenstern: hier Ihr Arbeitsplatz, dort die Person am Terminal.",
    ],
    stop: "Übung beenden",
    after: (presence: string) => `Danach gilt wieder: ${presence}`,
    wrap: "Das war eine Übung: Ihre Antwort wird nicht gezählt.",
  },

  waiting: {
    title: "Wartende",
    none: "Niemand wartet.",
    count: (count: number) => (count === 1 ? "1 Person wartet" : `${count} Personen warten`),
    topic: "Anliegen",
    since: "Wartet seit",
    rings: "klingelt bei Ihnen",
    minutes: (minutes: number) => (minutes < 1 ? "unter 1 Minute" : minutes === 1 ? "1 Minute" : `${minutes} Minuten`),
  },

  link: {
    connecting: { what: "Die Verbindung zur Vermittlung wird aufgebaut.", next: "Das dauert wenige Sekunden." },
    down: {
      what: "Die Verbindung zur Vermittlung ist unterbrochen.",
      next: "Bei Ihnen kann es gerade nicht klingeln. Die Seite verbindet sich von selbst wieder, Sie müssen nichts tun. Dauert es länger als eine Minute, prüfen Sie bitte Ihr Netzwerk.",
    },
    downTalking: {
      what: "Die Verbindung zur Vermittlung ist unterbrochen.",
      next: "Ihr Gespräch geht weiter. Die Seite verbindet sich von selbst wieder.",
    },
    expelled: {
      what: "Ihre Anmeldung ist abgelaufen.",
      next: "Ihr Gespräch geht weiter. Danach melden Sie sich bitte neu an.",
    },
  },

  ringing: {
    title: "Es klingelt",
    unknown: "Anliegen wird geladen …",
    take: "Annehmen",
    taking: "Das Gespräch wird verbunden …",
    decline: "Jetzt nicht",
    declineAbout: "Andere freie Plätze klingeln weiter. Sie gehen in die Pause.",
    own: "So sieht man Sie",
    ownNone: "Ihre Kamera wird gestartet …",
  },

  call: {
    title: (topic: string | null) => (topic === null ? "Gespräch" : `Gespräch: ${topic}`),
    other: "Bild vom Terminal",
    own: "Ihr eigenes Bild",
    connecting: "Bild und Ton kommen gleich …",
    lost: {
      what: "Bild und Ton sind unterbrochen.",
      next: "Das Terminal baut die Verbindung gerade neu auf. Bitte bleiben Sie dran, das kann eine Minute dauern.",
    },
    paused: {
      what: "Pause",
      next: "Bild und Ton sind in beide Richtungen aus. Am Terminal steht: „Einen Moment bitte.“",
    },
    held: { what: "Die Person hat auf Pause gedrückt.", next: "Es geht weiter, sobald sie bereit ist." },
    hiddenNote: "Ihr Bild ist aus",
    mutedNote: "Ihr Ton ist aus",
    mute: "Ton aus",
    unmute: "Ton an",
    hide: "Bild aus",
    unhide: "Bild an",
    pause: "Pause",
    resume: "Weiter",
    handOver: "Weitergeben",
    end: "Beenden",
    controls: "Gespräch steuern",
  },

  chat: {
    title: "Schreiben",
    empty: "Noch nichts geschrieben.",
    them: "Terminal",
    us: "Sie",
    field: "Ihre Nachricht",
    hint: "Die Person liest mit, während Sie schreiben. Eingabetaste: neue Zeile.",
    closed: "Schreiben geht, sobald das Terminal verbunden ist.",
    typing: { them: "schreibt …", us: "schreiben …" },
  },

  papers: {
    title: "Unterlagen",
    empty: "Noch keine Unterlagen.",
    about: "Was im Gespräch dazukommt, liegt hier. Nach dem Gespräch ist es gelöscht.",
    closed: "Unterlagen gehen, sobald das Terminal verbunden ist.",
    pick: "Dokument zeigen",
    pickAbout: "PDF oder Bild, höchstens 16 MB",
    share: "Bildschirm zeigen",
    shareAbout: "Ein Fenster oder alles. Ein gezeigtes Dokument weicht.",
    choosing: "Der Browser fragt, was Sie zeigen möchten.",
    shares: {
      monitor: "Die Person sieht Ihren ganzen Bildschirm.",
      window: "Die Person sieht ein Fenster von Ihnen.",
      browser: "Die Person sieht einen Tab Ihres Browsers.",
      unknown: "Die Person sieht Ihren Bildschirm.",
    } satisfies Record<Shared["surface"], string>,
    screen: "Vorschau: Das sieht die Person.",
    ours: "Von Ihnen",
    theirs: "Vom Terminal",
    preview: (name: string) => `Vorschau: ${name}. Die Maus oder die Pfeiltasten zeigen am Terminal auf eine Stelle.`,
    page: (page: number, pages: number | undefined) =>
      pages === undefined ? `Seite ${page}` : `Seite ${page} von ${pages}`,
    turn: "Seite wechseln",
    earlier: "Vorige Seite",
    later: "Nächste Seite",
    unshow: "Nicht mehr zeigen",
    noPreview: "Hier gibt es keine Vorschau.",
    show: "Zeigen",
    print: "Dort drucken",
    takeBack: "Zurücknehmen",
    of: (deed: string, name: string) => `${deed}: ${name}`,
    going: (percent: number) => `Kommt beim Terminal an: ${percent} %`,
    coming: (percent: number) => `Kommt: ${percent} %`,
    there: "Liegt am Terminal",
    shown: "Wird am Terminal gezeigt",
    here: "Ist da",
    refused: "Das Terminal hat es nicht angenommen.",
    prints: {
      asked: "Die Person wird gefragt, ob gedruckt werden darf.",
      agreed: "Die Person ist einverstanden. Es wird gedruckt.",
      declined: "Die Person möchte keinen Ausdruck.",
      printed: "Der Ausdruck liegt am Terminal.",
      failed: "Der Drucker am Terminal konnte es nicht drucken.",
      "not-now": "Das Terminal kann es gerade nicht drucken. Bitte versuchen Sie es gleich noch einmal.",
    } satisfies Record<Answer | "asked", string>,
    scan: "Dort scannen lassen",
    scanAbout: "Die Person wird zuerst gefragt",
    scans: {
      asked: "Die Person wird gefragt, ob sie ein Papier scannen möchte.",
      agreed: "Die Person ist einverstanden und scannt gerade.",
      hindered: "Das Scannen stockt. Am Terminal steht, was zu tun ist.",
      declined: "Die Person möchte kein Papier schicken.",
      sent: "Das Papier ist da.",
      failed: "Es ist kein Papier gekommen. Bitte besprechen Sie einen anderen Weg.",
      "not-now": "Das Terminal kann gerade nicht scannen. Bitte versuchen Sie es gleich noch einmal.",
    } satisfies Record<Scanned | "asked", string>,
    // What the scanner says.
    troubles: {
      gone: "Der Scanner ist nicht da.",
      silent: "Der Scanner antwortet nicht.",
      busy: "Der Scanner ist beschäftigt.",
      "cover-open": "Am Scanner ist eine Klappe offen.",
      jam: "Im Scanner steckt Papier fest.",
      "no-paper": "Im Einzug des Scanners liegt kein Papier.",
      damaged: "Der Scanner hat kein gutes Bild geschickt.",
      full: "Für die Seite ist kein Platz mehr.",
      store: "Die Seiten konnten nicht zusammengelegt werden.",
      other: "Die Ursache ist nicht bekannt.",
    } satisfies Record<Hindrance, string>,
    look: "Ansehen",
    looked: (name: string) => `Vom Terminal: ${name}. Das sehen nur Sie.`,
    lookAway: "Nicht mehr ansehen",
    save: "Alles speichern",
    saveAbout: "Eine ZIP-Datei mit den Angaben dazu",
  },

  handOver: {
    title: "An welche Stelle weitergeben?",
    about: "Die Person stellt sich dort nicht neu an: Es zählt, wie lange sie schon gewartet hat. Ihr Gespräch endet.",
    loading: "Die Stellen werden geladen …",
    none: "Es gibt keine andere Stelle, an die Sie weitergeben können.",
    closed: "geschlossen",
    waiting: (count: number) =>
      count === 0 ? "niemand wartet" : count === 1 ? "1 Person wartet" : `${count} Personen warten`,
    back: "Zurück zum Gespräch",
    going: (name: string) => `Wird an ${name} weitergegeben …`,
  },

  wrap: {
    title: {
      us: "Das Gespräch ist beendet",
      them: "Die Person hat das Gespräch beendet",
      lost: "Die Verbindung zum Terminal ist abgebrochen",
      "handed-over": "Sie haben das Gespräch weitergegeben",
    } satisfies Record<Ending, string>,
    gone: "Bild, Ton, Geschriebenes und Unterlagen sind von dieser Seite gelöscht.",
    question: "Wie ging es aus?",
    next: "Danach sind Sie",
    outcome: {
      done: "Erledigt",
      "follow-up": "Es braucht noch etwas",
      unresolved: "Nicht erledigt",
    } satisfies Record<Outcome, string>,
    about: {
      done: "Das Anliegen ist abgeschlossen.",
      "follow-up": "Zum Beispiel ein Termin, Unterlagen oder eine andere Stelle.",
      unresolved: "Wir konnten nicht helfen, oder das Gespräch brach ab.",
    } satisfies Record<Outcome, string>,
    counted: "Gezählt wird nur, wie oft etwas gelingt. Wer da war, wird nicht gespeichert.",
  },

  close: "Schließen",

  trouble: {
    wrong: () => ({
      what: "Arbeitsplatz oder Passwort stimmt nicht.",
      next: "Bitte prüfen Sie beides und versuchen Sie es noch einmal. Ein neues Passwort gibt Ihnen Ihre Administration.",
    }),
    wait: (seconds?: number) => ({
      what: "Das waren zu viele Versuche.",
      next: `Ihr Platz ist nicht gesperrt. Bitte versuchen Sie es in ${wait(seconds ?? 60)} noch einmal.`,
    }),
    full: () => ({
      what: "Gerade sind zu viele Plätze angemeldet.",
      next: "Bitte versuchen Sie es in einer Minute noch einmal, oder sagen Sie Ihrer Administration Bescheid.",
    }),
    unreachable: () => ({
      what: "Die Vermittlung ist nicht erreichbar.",
      next: "Bitte prüfen Sie, ob Ihr Rechner im Netz ist, und versuchen Sie es noch einmal.",
    }),
    unavailable: () => ({
      what: "Die Vermittlung kann das gerade nicht.",
      next: "Bitte versuchen Sie es in einer Minute noch einmal. Bleibt es dabei, rufen Sie Ihre Administration an.",
    }),
    "provider-away": () => ({
      what: "Die Anmeldung der Verwaltung antwortet nicht.",
      next: "Bitte versuchen Sie es in einer Minute noch einmal. Hat Ihr Arbeitsplatz ein Passwort, melden Sie sich damit an. Bleibt es dabei, rufen Sie Ihre Administration an.",
    }),
    "provider-untrusted": () => ({
      what: "Der Antwort der Anmeldung Ihrer Verwaltung ist nicht zu trauen.",
      next: "Sie sind nicht angemeldet. Bitte versuchen Sie es noch einmal. Bleibt es dabei, rufen Sie Ihre Administration an: Der Grund steht im Protokoll der Vermittlung.",
    }),
    "provider-refused": () => ({
      what: "Sie sind nicht angemeldet.",
      next: "Die Anmeldung der Verwaltung wurde abgebrochen oder hat abgelehnt. Bitte versuchen Sie es noch einmal, oder fragen Sie Ihre Administration, ob Ihr Konto das darf.",
    }),
    "provider-late": () => ({
      what: "Diese Anmeldung gilt nicht mehr.",
      next: "Sie hat zu lange gedauert, oder ein anderer Browser hat sie begonnen. Bitte melden Sie sich noch einmal an.",
    }),
    "provider-no-desk": () => ({
      what: "Zu Ihrem Konto gehört kein Arbeitsplatz.",
      next: "Bitte sagen Sie Ihrer Administration, in welchem Amt Sie arbeiten. Sie gibt Ihrem Konto einen Arbeitsplatz; dann melden Sie sich noch einmal an.",
    }),
    "provider-taken": () => ({
      what: "Alle Arbeitsplätze, die zu Ihrem Konto gehören, sind besetzt.",
      next: "Bitte melden Sie sich an, sobald sich dort jemand abgemeldet hat, oder bitten Sie Ihre Administration um einen weiteren Arbeitsplatz.",
    }),
    "session-over": () => ({
      what: "Sie sind abgemeldet.",
      next: "Ihre Anmeldung ist abgelaufen, oder an diesem Arbeitsplatz hat sich jemand anderswo angemeldet. Bitte melden Sie sich neu an.",
    }),
    "not-allowed": () => ({
      what: "Der Browser gibt Kamera und Mikrofon nicht frei.",
      next: "Bitte erlauben Sie beides für diese Seite: links neben der Adresse auf das Symbol klicken, dann „Frei“ wählen.",
    }),
    "no-devices": () => ({
      what: "Es ist kein Mikrofon da.",
      next: "Bitte stecken Sie Ihr Headset ein und wählen Sie dann „Frei“.",
    }),
    "devices-busy": () => ({
      what: "Ein anderes Programm benutzt Kamera oder Mikrofon.",
      next: "Bitte schließen Sie dort die Besprechung und wählen Sie dann „Frei“.",
    }),
    "no-camera": () => ({
      what: "Es ist keine Kamera da.",
      next: "Man hört Sie, sieht Sie aber nicht. Bitte stecken Sie eine Kamera ein; sie gilt ab dem nächsten Gespräch.",
    }),
    taken: () => ({
      what: "Ein anderer Platz hat das Gespräch angenommen.",
      next: "Sie müssen nichts tun. Sie bleiben frei.",
    }),
    left: () => ({
      what: "Die Person hat aufgelegt, bevor Sie annehmen konnten.",
      next: "Sie müssen nichts tun. Sie bleiben frei.",
    }),
    failed: () => ({
      what: "Das Gespräch kam nicht zustande.",
      next: "Die Person wartet weiter und wird wieder vermittelt. Passiert das öfter, sagen Sie Ihrer Administration Bescheid.",
    }),
    presence: () => ({
      what: "Ihr Wechsel ist nicht angekommen.",
      next: "Bitte wählen Sie noch einmal, ob Sie frei sind.",
    }),
    "hand-over": () => ({
      what: "Weitergeben hat nicht geklappt.",
      next: "Ihr Gespräch geht weiter. Bitte versuchen Sie es noch einmal oder wählen Sie eine andere Stelle.",
    }),
    pause: () => ({
      what: "Das hat nicht geklappt.",
      next: "Am Gespräch hat sich nichts geändert. Bitte versuchen Sie es noch einmal.",
    }),
    "paper-size": () => ({
      what: "Das Dokument ist leer oder zu groß.",
      next: "Es darf höchstens 16 MB haben. Bitte teilen Sie es auf oder speichern Sie es kleiner.",
    }),
    "paper-room": () => ({
      what: "Für weitere Dokumente ist kein Platz.",
      next: "Bitte nehmen Sie ein Dokument zurück, das nicht mehr gebraucht wird.",
    }),
    "paper-kind": () => ({
      what: "Diese Datei kann nicht gezeigt werden.",
      next: "Zeigen lassen sich PDF, PNG und JPEG. Bitte speichern Sie das Dokument als PDF.",
    }),
    "share-none": () => ({
      what: "Von Ihrem Bildschirm wird nichts gezeigt.",
      next: "Sie haben nichts ausgewählt, oder Ihr Computer erlaubt es nicht. Fragt der Browser gar nicht erst, sagen Sie Ihrer Administration Bescheid.",
    }),
    "share-failed": () => ({
      what: "Ihr Bildschirm lässt sich gerade nicht zeigen.",
      next: "Bitte versuchen Sie es noch einmal, oder zeigen Sie ein anderes Fenster.",
    }),
    "share-browser": () => ({
      what: "Dieser Browser kann den Bildschirm nicht zeigen.",
      next: "Zeigen Sie bitte ein Dokument. Mit einem aktuellen Firefox, Edge oder Chrome geht auch der Bildschirm.",
    }),
    "share-terminal": () => ({
      what: "Dieses Terminal kann Ihren Bildschirm nicht zeigen.",
      next: "Zeigen Sie bitte ein Dokument: PDF, PNG oder JPEG.",
    }),
    "share-not-now": () => ({
      what: "Gerade lässt sich Ihr Bildschirm nicht zeigen.",
      next: "Bitte versuchen Sie es noch einmal, sobald Bild und Ton wieder da sind.",
    }),
    "practice-left": () => ({
      what: "Die Person hat aufgelegt, bevor Sie annehmen konnten.",
      next: "Sie üben weiter. Rufen Sie im Übungsterminal noch einmal an.",
    }),
    "practice-failed": () => ({
      what: "Das Gespräch kam nicht zustande.",
      next: "Sie üben weiter. Bitte rufen Sie im Übungsterminal noch einmal an.",
    }),
  } satisfies Record<Trouble, (seconds?: number) => Message>,
};

/** What every language has. */
export type Words = typeof de;
