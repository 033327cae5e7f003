// SPDX-License-Identifier: EUPL-1.2
/** English. */

import type { Words } from "./de.ts";

function wait(seconds: number): string {
  if (seconds < 60) {
    return seconds === 1 ? "one second" : `${seconds} seconds`;
  }
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? "one minute" : `${minutes} minutes`;
}

const people = (count: number): string => (count === 1 ? "1 person is waiting" : `${count} people are waiting`);

/** The words of the page. */
export const en: Words = {
  tag: "en",
  title: "Amtsnah desk",
  page: "Desk",
  language: "Deutsch",
  languageLong: "Auf Deutsch umstellen",

  signIn: {
    title: "Sign in",
    about: "Here you take calls from citizens at terminals.",
    desk: "Desk",
    deskHint: "As your administration has set it up, for example “meldestelle-1”.",
    password: "Password",
    show: "Show password",
    provider: "Sign in with your administration’s account",
    or: "Or with the desk’s password",
    go: "Sign in",
    going: "Signing you in …",
    looking: "One moment …",
  },

  signedInAs: (desk, person) => `Signed in: ${desk}${person === "" ? "" : ` (${person})`}`,
  signOut: "Sign out",

  presence: {
    title: "I am",
    free: "Free",
    busy: "Busy",
    break: "On a break",
    about: {
      free: "You will be rung as soon as it is somebody’s turn.",
      busy: "You will not be rung. For those who wait you count as free again soon.",
      break: "You will not be rung.",
    },
    now: { free: "You are free", busy: "You are busy", break: "You are on a break" },
  },

  practice: {
    mark: "Practice",
    banner: "Nobody is here. Real calls will ring at your desk again when you end the practice.",
    begin: "Practise",
    beginAbout: "A call without a real person. You play the terminal in a second window.",
    now: "You are practising",
    about: "Only the practice terminal rings at your desk. Nothing of it is counted or kept.",
    steps: [
      "Go to the window “Practice terminal” and call from there.",
      "Take the call here, as you would a real one.",
      "Change between the two windows: your desk here, the person at the terminal there.",
    ],
    stop: "End the practice",
    after: (presence) => `Afterwards: ${presence}`,
    wrap: "This was practice: your answer is not counted.",
  },

  waiting: {
    title: "People waiting",
    none: "Nobody is waiting.",
    count: people,
    topic: "Matter",
    since: "Waiting for",
    rings: "rings at your desk",
    minutes: (minutes) => (minutes < 1 ? "under 1 minute" : minutes === 1 ? "1 minute" : `${minutes} minutes`),
  },

  link: {
    connecting: { what: "Connecting to the exchange.", next: "This takes a few seconds." },
    down: {
      what: "The connection to the exchange is interrupted.",
      next: "You cannot be rung at the moment. The page reconnects by itself, there is nothing you need to do. If it takes longer than a minute, please check your network.",
    },
    downTalking: {
      what: "The connection to the exchange is interrupted.",
      next: "Your conversation goes on. The page reconnects by itself.",
    },
    expelled: {
      what: "Your sign-in has ended.",
      next: "Your conversation goes on. Afterwards, please sign in again.",
    },
  },

  ringing: {
    title: "Somebody is calling",
    unknown: "Loading the matter …",
    take: "Take the call",
    taking: "Connecting the call …",
    decline: "Not now",
    declineAbout: "Other free desks keep ringing. You go on a break.",
    own: "This is how you are seen",
    ownNone: "Your camera is starting …",
  },

  call: {
    title: (topic) => (topic === null ? "Call" : `Call: ${topic}`),
    other: "Picture from the terminal",
    own: "Your own picture",
    connecting: "Picture and sound are coming …",
    lost: {
      what: "Picture and sound are interrupted.",
      next: "The terminal is reconnecting. Please stay on the line, this may take a minute.",
    },
    paused: {
      what: "Paused",
      next: "Picture and sound are off in both directions. The terminal shows: “One moment, please.”",
    },
    held: { what: "The citizen has paused the call.", next: "It goes on as soon as they are ready." },
    hiddenNote: "Your picture is off",
    mutedNote: "Your sound is off",
    mute: "Sound off",
    unmute: "Sound on",
    hide: "Picture off",
    unhide: "Picture on",
    pause: "Pause",
    resume: "Resume",
    handOver: "Hand over",
    end: "End",
    controls: "Control the call",
  },

  chat: {
    title: "Write",
    empty: "Nothing written yet.",
    them: "Terminal",
    us: "You",
    field: "Your message",
    hint: "The citizen reads along while you type. Enter: new line.",
    closed: "You can write as soon as the terminal is connected.",
    typing: { them: "is typing …", us: "are typing …" },
  },

  papers: {
    title: "Papers",
    empty: "No papers yet.",
    about: "What is added during the call is here. After the call it is deleted.",
    closed: "Papers work as soon as the terminal is connected.",
    pick: "Show a document",
    pickAbout: "PDF or picture, at most 16 MB",
    share: "Show your screen",
    shareAbout: "A window or all of it. A shown document makes way.",
    choosing: "The browser asks what you want to show.",
    shares: {
      monitor: "The person sees your whole screen.",
      window: "The person sees a window of yours.",
      browser: "The person sees a tab of your browser.",
      unknown: "The person sees your screen.",
    },
    screen: "Preview: this is what the person sees.",
    ours: "From you",
    theirs: "From the terminal",
    preview: (name: string) => `Preview: ${name}. The mouse or the arrow keys point at a place at the terminal.`,
    page: (page: number, pages: number | undefined) =>
      pages === undefined ? `Page ${page}` : `Page ${page} of ${pages}`,
    turn: "Turn the page",
    earlier: "Previous page",
    later: "Next page",
    unshow: "Stop showing",
    noPreview: "There is no preview here.",
    show: "Show",
    print: "Print there",
    takeBack: "Take back",
    of: (deed: string, name: string) => `${deed}: ${name}`,
    going: (percent: number) => `Arriving at the terminal: ${percent} %`,
    coming: (percent: number) => `Arriving: ${percent} %`,
    there: "Is at the terminal",
    shown: "Is shown at the terminal",
    here: "Is here",
    refused: "The terminal did not take it.",
    prints: {
      asked: "The person is asked whether it may be printed.",
      agreed: "The person agrees. It is being printed.",
      declined: "The person does not want a printout.",
      printed: "The printout is at the terminal.",
      failed: "The printer at the terminal could not print it.",
      "not-now": "The terminal cannot print it now. Please try again in a moment.",
    },
    scan: "Have a paper scanned there",
    scanAbout: "The person is asked first",
    scans: {
      asked: "The person is asked whether they would like to scan a paper.",
      agreed: "The person agrees and is scanning.",
      hindered: "Scanning is held up. The terminal says what to do.",
      declined: "The person does not want to send a paper.",
      sent: "The paper is here.",
      failed: "No paper has come. Please talk about another way.",
      "not-now": "The terminal cannot scan now. Please try again in a moment.",
    },
    troubles: {
      gone: "The scanner is not there.",
      silent: "The scanner does not answer.",
      busy: "The scanner is busy.",
      "cover-open": "A cover of the scanner is open.",
      jam: "Paper is stuck in the scanner.",
      "no-paper": "There is no paper in the scanner’s feeder.",
      damaged: "The scanner did not send a good picture.",
      full: "There is no room left for the page.",
      store: "The pages could not be put together.",
      other: "The cause is not known.",
    },
    look: "Look at it",
    looked: (name: string) => `From the terminal: ${name}. Only you see this.`,
    lookAway: "Stop looking",
    save: "Save everything",
    saveAbout: "One ZIP file with the details",
  },

  handOver: {
    title: "Hand over to which department?",
    about: "The citizen does not queue anew: the time they have waited counts. Your call ends.",
    loading: "Loading the departments …",
    none: "There is no other department you can hand over to.",
    closed: "closed",
    waiting: (count) => (count === 0 ? "nobody is waiting" : people(count)),
    back: "Back to the call",
    going: (name) => `Handing over to ${name} …`,
  },

  wrap: {
    title: {
      us: "The call has ended",
      them: "The citizen has ended the call",
      lost: "The connection to the terminal broke off",
      "handed-over": "You have handed the call over",
    },
    gone: "Picture, sound, text and papers are deleted from this page.",
    question: "How did it go?",
    next: "Afterwards you are",
    outcome: { done: "Done", "follow-up": "Something is still needed", unresolved: "Not resolved" },
    about: {
      done: "The matter is settled.",
      "follow-up": "For example an appointment, papers or another department.",
      unresolved: "We could not help, or the call broke off.",
    },
    counted: "Only how often something works out is counted. Who was here is not kept.",
  },

  close: "Close",

  trouble: {
    wrong: () => ({
      what: "The desk or the password is not right.",
      next: "Please check both and try again. Your administrator gives you a new password.",
    }),
    wait: (seconds?: number) => ({
      what: "Those were too many attempts.",
      next: `Your desk is not locked. Please try again in ${wait(seconds ?? 60)}.`,
    }),
    full: () => ({
      what: "Too many desks are signed in at the moment.",
      next: "Please try again in a minute, or tell your administrator.",
    }),
    unreachable: () => ({
      what: "The exchange cannot be reached.",
      next: "Please check that your computer is on the network, and try again.",
    }),
    unavailable: () => ({
      what: "The exchange cannot do this at the moment.",
      next: "Please try again in a minute. If it stays that way, call your administrator.",
    }),
    "provider-away": () => ({
      what: "Your administration’s sign-in does not answer.",
      next: "Please try again in a minute. If your desk has a password, sign in with it. If it stays that way, call your administrator.",
    }),
    "provider-untrusted": () => ({
      what: "What your administration’s sign-in answers cannot be trusted.",
      next: "You are not signed in. Please try again. If it stays that way, call your administrator: the reason is in the log of the exchange.",
    }),
    "provider-refused": () => ({
      what: "You are not signed in.",
      next: "Your administration’s sign-in was cancelled, or it refused. Please try again, or ask your administrator whether your account may do this.",
    }),
    "provider-late": () => ({
      what: "This sign-in is no longer valid.",
      next: "It took too long, or another browser began it. Please sign in again.",
    }),
    "provider-no-desk": () => ({
      what: "There is no desk for your account.",
      next: "Please tell your administrator in which office you work. They give your account a desk; then sign in again.",
    }),
    "provider-taken": () => ({
      what: "All desks for your account are taken.",
      next: "Please sign in as soon as somebody there has signed out, or ask your administrator for another desk.",
    }),
    "session-over": () => ({
      what: "You are signed out.",
      next: "Your sign-in has ended, or somebody signed in to this desk elsewhere. Please sign in again.",
    }),
    "not-allowed": () => ({
      what: "The browser does not allow camera and microphone.",
      next: "Please allow both for this page: click the symbol to the left of the address, then choose “Free”.",
    }),
    "no-devices": () => ({
      what: "There is no microphone.",
      next: "Please plug in your headset, then choose “Free”.",
    }),
    "devices-busy": () => ({
      what: "Another program is using the camera or the microphone.",
      next: "Please close the meeting there, then choose “Free”.",
    }),
    "no-camera": () => ({
      what: "There is no camera.",
      next: "You are heard but not seen. Please plug in a camera; it is used from the next call on.",
    }),
    taken: () => ({
      what: "Another desk took the call.",
      next: "There is nothing you need to do. You stay free.",
    }),
    left: () => ({
      what: "The citizen hung up before you could take the call.",
      next: "There is nothing you need to do. You stay free.",
    }),
    failed: () => ({
      what: "The call did not come about.",
      next: "The citizen keeps waiting and is put through again. If this happens often, tell your administrator.",
    }),
    presence: () => ({
      what: "Your change did not arrive.",
      next: "Please choose once more whether you are free.",
    }),
    "hand-over": () => ({
      what: "Handing over did not work.",
      next: "Your call goes on. Please try again or choose another department.",
    }),
    pause: () => ({
      what: "That did not work.",
      next: "Nothing has changed in the call. Please try again.",
    }),
    "paper-size": () => ({
      what: "The document is empty or too large.",
      next: "It may have at most 16 MB. Please split it or save it smaller.",
    }),
    "paper-room": () => ({
      what: "There is no room for more documents.",
      next: "Please take back a document that is not needed any more.",
    }),
    "paper-kind": () => ({
      what: "This file cannot be shown.",
      next: "PDF, PNG and JPEG can be shown. Please save the document as PDF.",
    }),
    "share-none": () => ({
      what: "Nothing of your screen is shown.",
      next: "You have chosen nothing, or your computer does not allow it. If the browser does not even ask, tell your administrator.",
    }),
    "share-failed": () => ({
      what: "Your screen cannot be shown at the moment.",
      next: "Please try again, or show another window.",
    }),
    "share-browser": () => ({
      what: "This browser cannot show the screen.",
      next: "Please show a document. With a current Firefox, Edge or Chrome the screen works too.",
    }),
    "share-terminal": () => ({
      what: "This terminal cannot show your screen.",
      next: "Please show a document: PDF, PNG or JPEG.",
    }),
    "share-not-now": () => ({
      what: "Your screen cannot be shown right now.",
      next: "Please try again as soon as picture and sound are back.",
    }),
    "practice-left": () => ({
      what: "The citizen hung up before you could take the call.",
      next: "You go on practising. Call again from the practice terminal.",
    }),
    "practice-failed": () => ({
      what: "The call did not come about.",
      next: "You go on practising. Please call again from the practice terminal.",
    }),
  },
};
