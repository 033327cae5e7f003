// SPDX-License-Identifier: EUPL-1.2
/** English, for the page that plays a terminal. */

import type { Words } from "./practice-de.ts";

/** The words of the page. */
export const practiceEn: Words = {
  tag: "en",
  title: "Practice terminal",
  language: "Deutsch",
  mark: "Practice",
  banner: "This window plays a terminal. It reaches your own desk only, and nothing of it stays.",
  picture: "PRACTICE",

  beginning: "The practice is being prepared …",

  ready: {
    title: "You play the person at the terminal",
    about: "Call, and then change to your desk: it rings there as it does for a real call.",
    department: "Where would you like to go?",
    call: "Call now",
    own: "This is how you are seen at the desk: a drawn picture, no camera.",
    unreachable: {
      what: "Your desk is not connected at the moment.",
      next: "The page with your desk has to be open. You can call as soon as it is connected.",
    },
    result: {
      us: { what: "You have hung up.", next: "You can call again." },
      clerk: { what: "The desk has ended the call.", next: "You can call again." },
      declined: { what: "The desk did not take the call.", next: "A real call would ring on at other desks now." },
      unanswered: {
        what: "Nobody took the call at the desk.",
        next: "A real call would wait on now, and your desk would be on a break.",
      },
      "not-reached": {
        what: "Your desk was not reached.",
        next: "Please check whether its page is open and connected.",
      },
      failed: { what: "The call did not come about.", next: "Please try again." },
    },
  },

  calling: {
    title: "It rings at your desk",
    reaching: "Your desk is being called …",
    about: "Change to the window with your desk and take the call there.",
    cancel: "Hang up",
  },

  call: {
    title: (department) => `Call: ${department}`,
    clerk: "Picture from the desk",
    own: "Your drawn picture",
    connecting: { what: "Picture and sound are coming …", next: "" },
    held: { what: "One moment please.", next: "The desk has paused." },
    paused: { what: "Pause", next: "Picture and sound are off in both directions." },
    pause: "Pause",
    resume: "Go on",
    listen: "Hear the sound",
    unlisten: "Sound off",
    listenAbout: "only with headphones",
    level: "Sound from the desk",
    hangUp: "Hang up",
    controls: "Control the call",
  },

  chat: {
    title: "Write",
    empty: "Nothing written yet.",
    them: "Desk",
    us: "You at the terminal",
    field: "Your message",
    hint: "The desk reads along while you type.",
    closed: "You can write as soon as the desk is connected.",
    typing: { them: "is typing …", us: "are typing …" },
  },

  papers: {
    title: "Papers",
    empty: "The desk shows nothing at the moment.",
    screen: "The desk shows you its screen.",
    shown: (name) => `You are shown: ${name}`,
    page: (page, pages) => (pages === undefined ? `Page ${page}` : `Page ${page} of ${pages}`),
    preview: (name) => `The desk shows you this: ${name}`,
    noPreview: "There is no preview here.",
    came: "From the desk",
    coming: (percent) => `Coming: ${percent} %`,
    print: {
      ask: (name) => `Would you like to print “${name}”?`,
      yes: "Yes, print",
      no: "No",
      says: {
        agreed: "The practice printer is printing …",
        declined: "You wanted no printout.",
        printed: "The printout is ready. (In practice no paper comes.)",
        failed: "The printer could not print it.",
        "not-now": "The printer is busy.",
      },
    },
    scan: {
      ask: "Would you like to scan a paper and send it to the desk?",
      yes: "Yes, scan",
      no: "No",
      put: "Put on a sample page and send it",
      putAbout: "a made page, with no data",
      says: {
        agreed: "The practice scanner is ready.",
        hindered: "The scan is held up.",
        declined: "You wanted to send no paper.",
        sent: "The paper is at the desk.",
        failed: "The paper did not arrive.",
        "not-now": "The desk did not take the paper.",
      },
    },
  },

  sheet: {
    name: "Sample page.png",
    title: "Registering an address",
    mark: "PRACTICE",
    fields: ["Name", "Address until now", "New address", "Day of moving in", "Landlord", "Place, date"],
  },

  ended: {
    why: {
      over: { what: "The practice has ended.", next: "At the desk what you chose before holds again." },
      "signed-out": {
        what: "Nobody is signed in at this desk.",
        next: "Please sign in there and choose “Practise”.",
      },
      elsewhere: {
        what: "You are practising in another window already.",
        next: "A desk has one practice at a time.",
      },
      occupied: {
        what: "The desk is ringing, or somebody is talking there.",
        next: "Citizens are first. You can practise afterwards.",
      },
      unreachable: {
        what: "The exchange cannot be reached.",
        next: "Please check whether your computer is online.",
      },
      unavailable: {
        what: "The exchange cannot do this at the moment.",
        next: "Please try again in a minute.",
      },
    },
    again: "Practise once more",
    close: "Close the window",
  },
};
