// SPDX-License-Identifier: EUPL-1.2
/** German, for the page that plays a terminal. */

import type { Answer, Scanned } from "../papers/frame.ts";
import type { End, Result } from "../practice/state.ts";
import type { Message } from "./de.ts";

/** The words of the page. */
export const practiceDe = {
  tag: "de" as "de" | "en",
  title: "Übungsterminal",
  language: "English",
  mark: "Übung",
  banner: "Dieses Fenster spielt ein Terminal. Es erreicht nur Ihren eigenen Arbeitsplatz, und nichts davon bleibt.",
  /** Is written into the picture. */
  picture: "ÜBUNG",

  beginning: "Die Übung wird vorbereitet …",

  ready: {
    title: "Sie spielen die Person am Terminal",
    about: "Rufen Sie an und wechseln Sie dann zu Ihrem Arbeitsplatz: Dort klingelt es, wie bei einem echten Gespräch.",
    department: "Wohin möchten Sie?",
    call: "Jetzt anrufen",
    own: "So sieht man Sie am Arbeitsplatz: ein gezeichnetes Bild, keine Kamera.",
    unreachable: {
      what: "Ihr Arbeitsplatz ist gerade nicht verbunden.",
      next: "Die Seite mit Ihrem Arbeitsplatz muss offen sein. Sobald sie verbunden ist, können Sie anrufen.",
    },
    result: {
      us: { what: "Sie haben aufgelegt.", next: "Sie können noch einmal anrufen." },
      clerk: { what: "Der Arbeitsplatz hat das Gespräch beendet.", next: "Sie können noch einmal anrufen." },
      declined: {
        what: "Am Arbeitsplatz wurde nicht angenommen.",
        next: "Ein echter Anruf klingelte jetzt an anderen Plätzen weiter.",
      },
      unanswered: {
        what: "Am Arbeitsplatz hat niemand angenommen.",
        next: "Ein echter Anruf wartete jetzt weiter, und Ihr Platz wäre in der Pause.",
      },
      "not-reached": {
        what: "Ihr Arbeitsplatz wurde nicht erreicht.",
        next: "Bitte prüfen Sie, ob seine Seite offen und verbunden ist.",
      },
      failed: { what: "Das Gespräch kam nicht zustande.", next: "Bitte versuchen Sie es noch einmal." },
    } satisfies Record<Result, Message>,
  },

  calling: {
    title: "Es klingelt an Ihrem Arbeitsplatz",
    reaching: "Ihr Arbeitsplatz wird gerufen …",
    about: "Wechseln Sie in das Fenster mit Ihrem Arbeitsplatz und nehmen Sie dort an.",
    cancel: "Auflegen",
  },

  call: {
    title: (department: string) => `Gespräch: ${department}`,
    clerk: "Bild vom Arbeitsplatz",
    own: "Ihr gezeichnetes Bild",
    connecting: { what: "Bild und Ton kommen gleich …", next: "" },
    held: { what: "Einen Moment bitte.", next: "Am Arbeitsplatz wurde auf Pause gedrückt." },
    paused: { what: "Pause", next: "Bild und Ton sind in beide Richtungen aus." },
    pause: "Pause",
    resume: "Weiter",
    listen: "Ton anhören",
    unlisten: "Ton aus",
    listenAbout: "nur mit Kopfhörern",
    level: "Ton vom Arbeitsplatz",
    hangUp: "Auflegen",
    controls: "Gespräch steuern",
  },

  chat: {
    title: "Schreiben",
    empty: "Noch nichts geschrieben.",
    them: "Arbeitsplatz",
    us: "Sie am Terminal",
    field: "Ihre Nachricht",
    hint: "Am Arbeitsplatz liest man mit, während Sie schreiben.",
    closed: "Schreiben geht, sobald der Arbeitsplatz verbunden ist.",
    typing: { them: "schreibt …", us: "schreiben …" },
  },

  papers: {
    title: "Unterlagen",
    empty: "Der Arbeitsplatz zeigt gerade nichts.",
    screen: "Der Arbeitsplatz zeigt Ihnen seinen Bildschirm.",
    shown: (name: string) => `Wird Ihnen gezeigt: ${name}`,
    page: (page: number, pages: number | undefined) =>
      pages === undefined ? `Seite ${page}` : `Seite ${page} von ${pages}`,
    preview: (name: string) => `Das zeigt Ihnen der Arbeitsplatz: ${name}`,
    noPreview: "Hier gibt es keine Vorschau.",
    came: "Vom Arbeitsplatz",
    coming: (percent: number) => `Kommt: ${percent} %`,
    print: {
      ask: (name: string) => `Möchten Sie „${name}“ ausdrucken?`,
      yes: "Ja, drucken",
      no: "Nein",
      says: {
        agreed: "Der Übungsdrucker druckt …",
        declined: "Sie wollten keinen Ausdruck.",
        printed: "Der Ausdruck liegt bereit. (In der Übung kommt kein Papier.)",
        failed: "Der Drucker konnte es nicht drucken.",
        "not-now": "Der Drucker ist beschäftigt.",
      } satisfies Record<Answer, string>,
    },
    scan: {
      ask: "Möchten Sie ein Papier scannen und an den Arbeitsplatz schicken?",
      yes: "Ja, scannen",
      no: "Nein",
      put: "Musterseite auflegen und schicken",
      putAbout: "eine gemachte Seite, ohne Daten",
      says: {
        agreed: "Der Übungsscanner ist bereit.",
        hindered: "Das Scannen stockt.",
        declined: "Sie wollten kein Papier schicken.",
        sent: "Das Papier ist am Arbeitsplatz.",
        failed: "Das Papier ist nicht angekommen.",
        "not-now": "Der Arbeitsplatz hat das Papier nicht angenommen.",
      } satisfies Record<Scanned, string>,
    },
  },

  sheet: {
    name: "Musterseite.png",
    title: "Anmeldung einer Wohnung",
    mark: "ÜBUNG",
    fields: ["Name", "Bisherige Anschrift", "Neue Anschrift", "Tag des Einzugs", "Wohnungsgeber", "Ort, Datum"],
  },

  ended: {
    why: {
      over: { what: "Die Übung ist zu Ende.", next: "Am Arbeitsplatz gilt wieder, was Sie vorher gewählt haben." },
      "signed-out": {
        what: "An diesem Arbeitsplatz ist niemand angemeldet.",
        next: "Bitte melden Sie sich dort an und wählen Sie „Üben“.",
      },
      elsewhere: {
        what: "Sie üben schon in einem anderen Fenster.",
        next: "An einem Arbeitsplatz geht eine Übung zur gleichen Zeit.",
      },
      occupied: {
        what: "Am Arbeitsplatz klingelt es gerade, oder es wird gesprochen.",
        next: "Bürgerinnen und Bürger gehen vor. Danach können Sie üben.",
      },
      unreachable: {
        what: "Die Vermittlung ist nicht erreichbar.",
        next: "Bitte prüfen Sie, ob Ihr Rechner im Netz ist.",
      },
      unavailable: {
        what: "Die Vermittlung kann das gerade nicht.",
        next: "Bitte versuchen Sie es in einer Minute noch einmal.",
      },
    } satisfies Record<End, Message>,
    again: "Noch einmal üben",
    close: "Fenster schließen",
  },
};

/** What every language has. */
export type Words = typeof practiceDe;
