// SPDX-License-Identifier: EUPL-1.2
/** Does what the state machine of the page that plays a terminal asks for; all that is no value lives here. */

import { listen } from "../edge/events.ts";
import { Refusal } from "../edge/exchange.ts";
import { Preview } from "../edge/preview.ts";
import type { Words } from "../words/practice-de.ts";
import * as exchange from "./exchange.ts";
import { draw, place } from "./figure.ts";
import { Call } from "./line.ts";
import { scan } from "./sheet.ts";
import { Sound } from "./sound.ts";
import type { Effect, End, Event, Talking } from "./state.ts";

/** The made printer takes so long. */
const PRINTS = 2500;
/** A practice of before whose page was closed just now gives way: it is asked for again so often, after so long. */
const [TRIES, AGAIN] = [4, 700];

/** Why the exchange has no practice for us, by its words. */
const ENDS: Record<string, End> = { "signed-out": "signed-out", practises: "elsewhere", occupied: "occupied" };

/** The outside of the page. */
export class Doing {
  /** The made picture. */
  readonly own = place();
  /** The clerk's picture and sound. */
  clerk: MediaStream | null = null;
  /** What may come of the clerk's screen. */
  screen: MediaStream | null = null;
  private readonly preview = new Preview();
  private id: string | null = null;
  private unlisten: (() => void) | null = null;
  private call: Call | null = null;
  private stream: MediaStream | null = null;
  private sound: Sound | null = null;

  /** `tell` takes what happens, `changed` is called when there is another picture, `words` are those of the moment. */
  constructor(
    private readonly tell: (event: Event) => void,
    private readonly changed: () => void,
    private readonly words: () => Words,
  ) {
    const paint = this.own.getContext("2d");
    const beat = new Worker(new URL("./beat.ts", import.meta.url), { type: "module" });
    beat.addEventListener("message", () => {
      if (paint !== null) {
        draw(paint, performance.now() / 1000, this.words().picture);
      }
      this.sound?.beat();
    });
  }

  /** How loud the clerk is, from 0 to 1. */
  get level(): number {
    return this.sound?.level ?? 0;
  }

  /** Does it. */
  do(effect: Effect): void {
    const { call } = this;
    switch (effect.does) {
      case "begin":
        void this.begin();
        break;
      case "call":
        void this.dial(effect.department);
        break;
      case "hang-up":
        call?.hangUp();
        this.forget();
        break;
      case "pause":
        call?.pause(effect.on);
        break;
      case "write":
        call?.write(effect.piece);
        break;
      case "print":
        call?.papers.answerPrint(effect.answer);
        if (effect.answer === "agreed") {
          window.setTimeout(() => call?.papers.answerPrint("printed"), PRINTS);
        }
        break;
      case "scan":
        call?.papers.answerScan(effect.answer);
        break;
      case "put":
        void scan(this.words().sheet).then((page) => call?.papers.scanned(this.words().sheet.name, page));
        break;
    }
  }

  /** Asks for a practice, and listens for its end. */
  async begin(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        const { id, departments } = await exchange.begin();
        this.id = id;
        this.tell({ is: "begun", departments });
        this.follow(id);
        return;
      } catch (error) {
        const why = endOf(error);
        if (why !== "elsewhere" || tries === TRIES) {
          this.tell({ is: "ended", why });
          return;
        }
        await new Promise((done) => setTimeout(done, AGAIN));
      }
    }
  }

  /** The page is being closed. */
  leave(): void {
    this.call?.hangUp();
    if (this.id !== null) {
      exchange.end(this.id);
      this.id = null;
    }
    this.unlisten?.();
    this.unlisten = null;
  }

  /** Draws what the clerk shows, where there is a place for it. */
  draw(canvas: HTMLCanvasElement | null, talking: Talking | null): void {
    const shown = talking?.papers.shown ?? null;
    const content = shown === null ? null : (this.call?.papers.content(shown.id) ?? null);
    if (canvas === null || shown === null || content === null) {
      this.preview.forget();
      return;
    }
    this.preview.draw(canvas, { key: String(shown.id), page: shown.page, content }, (pages) =>
      this.tell({ is: "pages", id: shown.id, pages }),
    );
  }

  private follow(id: string): void {
    const ended = (why: End): void => {
      if (this.id === id) {
        this.unlisten?.();
        this.unlisten = null;
        this.id = null;
        this.tell({ is: "ended", why });
        // A browser that does not let a page close itself shows why it is of no use any more.
        window.close();
      }
    };
    this.unlisten = listen(`/api/desk/practice/${id}`, {
      event: (name, data) => {
        const told = name === "state" ? exchange.told(data) : null;
        if (name === "over") {
          ended("over");
        } else if (told !== null) {
          this.tell({ is: "told", reachable: told.reachable });
        }
      },
      up: (up) => {
        if (!up) {
          this.tell({ is: "told", reachable: false });
        }
      },
      refused: () => ended("over"),
    });
  }

  private async dial(department: string): Promise<void> {
    const { id } = this;
    this.forget();
    const sound = new Sound();
    this.sound = sound;
    const stream = this.own.captureStream(20);
    this.stream = stream;
    if (sound.track !== null) {
      stream.addTrack(sound.track);
    }
    try {
      const { uri, account } = await exchange.call(id ?? "", department);
      if (this.sound === sound) {
        this.call = new Call(account, uri, stream, {
          tell: (event) => this.heard(event),
          show: (clerk) => this.show(clerk),
          screen: (screen) => {
            this.screen = screen;
            this.changed();
          },
        });
      }
    } catch {
      if (this.sound === sound) {
        this.heard({ is: "over", result: "not-reached" });
      }
    }
  }

  private heard(event: Event): void {
    if (event.is === "over") {
      this.forget();
    }
    this.tell(event);
  }

  private show(clerk: MediaStream | null): void {
    this.clerk = clerk;
    this.sound?.hear(clerk);
    this.changed();
  }

  private forget(): void {
    this.preview.forget();
    this.call = null;
    this.clerk = null;
    this.screen = null;
    this.sound?.close();
    this.sound = null;
    for (const track of this.stream?.getTracks() ?? []) {
      track.stop();
    }
    this.stream = null;
    this.changed();
  }
}

function endOf(error: unknown): End {
  if (!(error instanceof Refusal)) {
    return "unavailable";
  }
  if (error.problem.what === "unreachable") {
    return "unreachable";
  }
  return ENDS[error.word] ?? "unavailable";
}
