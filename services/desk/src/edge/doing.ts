// SPDX-License-Identifier: EUPL-1.2
/** Does what the state machine asks for. Everything of a call that is no value (streams, sockets) lives here, and ends here. */

import type { Effect, News } from "../desk/event.ts";
import type { Problem, Talking, Trouble } from "../desk/state.ts";
import { BYTES } from "../papers/limits.ts";
import { Bell } from "./bell.ts";
import { close, DeviceError, type Opened, open } from "./devices.ts";
import { listen } from "./events.ts";
import * as exchange from "./exchange.ts";
import { Line } from "./line.ts";
import { Preview } from "./preview.ts";
import { save } from "./save.ts";
import { choose } from "./screen.ts";

/** What is seen and heard of a call. */
export interface Pictures {
  own: MediaStream | null;
  other: MediaStream | null;
  /** What of our screen the other side sees. */
  screen: MediaStream | null;
}

/** The outside of a desk. */
export class Doing {
  readonly pictures: Pictures = { own: null, other: null, screen: null };
  /** What is drawn of what is shown. */
  readonly preview = new Preview();
  private readonly bell = new Bell();
  private line: Line | null = null;
  private unlisten: (() => void) | null = null;
  private opening: Promise<Opened> | null = null;
  private session = 0;
  private counting: Promise<void> = Promise.resolve();

  /** `tell` takes what happens; `changed` is called when there are other pictures. */
  constructor(
    private readonly tell: (news: News) => void,
    private readonly changed: () => void,
  ) {}

  /** Whether somebody is signed in already: a page that was loaded anew goes on. `arrived` is what kept somebody who comes from elsewhere. */
  async begin(arrived: Problem | null): Promise<void> {
    const ways = exchange.ways().then(
      (ways) => this.tell({ is: "ways", ways }),
      // Then the exchange is away, which is told of below.
      () => undefined,
    );
    try {
      const seated = await exchange.session();
      await ways;
      this.tell({ is: "signed-in", ...seated });
    } catch (error) {
      await ways;
      const problem = problemOf(error);
      this.tell({ is: "not-signed-in", problem: problem.what === "session-over" ? arrived : problem });
    }
  }

  /** Does it. */
  do(effect: Effect): void {
    const { tell } = this;
    switch (effect.does) {
      case "sign-in":
        exchange.signIn(effect.desk, effect.password).then(
          () => tell({ is: "signed-in", desk: effect.desk, person: "" }),
          (error: unknown) => tell({ is: "not-signed-in", problem: problemOf(error) }),
        );
        break;
      case "sign-out":
        // Nothing to be done where it fails: the page has forgotten, and the session ends by itself.
        exchange.signOut().then(
          (next) => {
            if (next !== null) {
              window.location.assign(next);
            }
          },
          () => undefined,
        );
        break;
      case "connect":
        void this.connect();
        break;
      case "disconnect":
        this.disconnect();
        break;
      case "presence":
        // An outcome belongs to the conversation that this ends for the exchange.
        this.counting
          .then(() => exchange.presence(effect.presence))
          .then(
            () => tell({ is: "wished", presence: effect.presence }),
            (error: unknown) => this.failed(error, { is: "wish-failed" }),
          );
        break;
      case "stop-practice":
        exchange
          .stopPractice()
          .catch((error: unknown) => this.failed(error, { is: "trouble", problem: problemOf(error) }));
        break;
      case "permission":
        void this.permission();
        break;
      case "ring":
        if (effect.on) {
          this.bell.start();
        } else {
          this.bell.stop();
        }
        break;
      case "open":
        void this.open();
        break;
      case "forget":
        this.forget();
        break;
      case "answer":
        void this.answer(effect.call);
        break;
      case "decline":
      case "end":
        this.line?.end(effect.call);
        break;
      case "send":
        this.line?.send(effect.call, effect.sound, effect.picture);
        break;
      case "pause":
        this.line?.pause(effect.call, effect.on);
        break;
      case "write":
        this.line?.write(effect.call, effect.piece);
        break;
      case "add-papers":
        void this.add(effect.call, effect.files);
        break;
      case "show":
        this.line?.papers(effect.call)?.show(effect.id, effect.page);
        break;
      case "unshow":
        this.line?.papers(effect.call)?.hide();
        break;
      case "share":
        void this.share(effect.call);
        break;
      case "unshare":
        this.line?.papers(effect.call)?.unshare();
        break;
      case "point":
        this.line?.papers(effect.call)?.point(effect.at);
        break;
      case "take-back":
        this.line?.papers(effect.call)?.drop(effect.id);
        break;
      case "print":
        this.line?.papers(effect.call)?.ask(effect.id, 1);
        break;
      case "scan":
        this.line?.papers(effect.call)?.askScan();
        break;
      case "save": {
        const papers = this.line?.papers(effect.call);
        if (papers !== null && papers !== undefined) {
          save(papers, { department: effect.department, topic: effect.topic });
        }
        break;
      }
      case "departments":
        exchange.departments().then(
          (departments) => tell({ is: "departments", departments }),
          (error: unknown) => this.failed(error, { is: "trouble", problem: problemOf(error) }),
        );
        break;
      case "hand-over":
        exchange.handOver(effect.to).then(
          () => tell({ is: "handed-over", call: effect.call, problem: null }),
          () => tell({ is: "handed-over", call: effect.call, problem: { what: "hand-over" } }),
        );
        break;
      case "outcome":
        // It is counted and no more; a clerk is not kept from the next call by it.
        this.counting = exchange.outcome(effect.outcome).catch(() => undefined);
        break;
    }
  }

  private async connect(): Promise<void> {
    this.session += 1;
    const { session, tell } = this;
    const mine = (): boolean => this.session === session;
    const refused = (): void => {
      if (mine()) {
        tell({ is: "signed-out", problem: { what: "session-over" } });
      }
    };
    this.unlisten = listen("/api/desk/events", {
      event: (name, data) => {
        const told = name === "state" ? exchange.told(data, performance.now()) : null;
        if (name === "over") {
          refused();
        } else if (told !== null) {
          tell({ is: "told", ...told });
        }
      },
      up: (up) => tell({ is: "events", up }),
      refused,
    });
    const account = async (): Promise<exchange.Account> => {
      try {
        return await exchange.account();
      } catch (error) {
        if (problemOf(error).what === "session-over") {
          refused();
        }
        throw error;
      }
    };
    while (mine()) {
      try {
        const first = await account();
        if (mine()) {
          this.line = new Line(first, {
            tell,
            account,
            show: (other) => this.show(other),
            preview: (screen) => this.shows(screen),
          });
        }
        return;
      } catch {
        await new Promise((done) => setTimeout(done, 1000));
      }
    }
  }

  private disconnect(): void {
    this.session += 1;
    this.unlisten?.();
    this.unlisten = null;
    this.line?.close();
    this.line = null;
  }

  private failed(error: unknown, news: News): void {
    const problem = problemOf(error);
    this.tell(problem.what === "session-over" ? { is: "signed-out", problem } : news);
  }

  private show(other: MediaStream | null): void {
    this.pictures.other = other;
    this.changed();
  }

  private shows(screen: MediaStream | null): void {
    this.pictures.screen = screen;
    this.changed();
  }

  /** Lets the clerk choose what of the screen the citizen sees. */
  private async share(call: string): Promise<void> {
    const over = (problem: Problem | null): void => this.tell({ is: "shared", call, problem });
    const slides = this.line?.slides(call) ?? null;
    if (slides === null) {
      over({ what: "share-terminal" });
      return;
    }
    try {
      const stream = await choose(slides);
      const shows = this.line?.share(call, stream) ?? false;
      if (!shows) {
        close(stream);
      }
      over(shows ? null : { what: "share-not-now" });
    } catch (error) {
      over({ what: unchosen(error) });
    }
  }

  /** Asked while nobody waits for the answer. */
  private async permission(): Promise<void> {
    if (this.opening !== null) {
      return;
    }
    try {
      const { stream, blind } = await open();
      close(stream);
      if (blind) {
        this.tell({ is: "trouble", problem: { what: "no-camera" } });
      }
    } catch (error) {
      this.tell({ is: "trouble", problem: problemOf(error) });
    }
  }

  private async open(): Promise<void> {
    this.forget();
    const opening = open();
    this.opening = opening;
    try {
      const { stream } = await opening;
      if (this.opening === opening) {
        this.pictures.own = stream;
        this.changed();
      } else {
        close(stream);
      }
    } catch {
      // Whoever takes the call is told.
    }
  }

  private async answer(call: string): Promise<void> {
    const { opening } = this;
    try {
      if (opening === null) {
        throw new DeviceError("no-devices");
      }
      const { stream, blind } = await opening;
      if (this.opening !== opening) {
        return;
      }
      this.line?.answer(call, stream);
      if (blind) {
        this.tell({ is: "trouble", problem: { what: "no-camera" } });
      }
    } catch (error) {
      this.tell({ is: "not-answered", call, problem: problemOf(error) });
    }
  }

  /** What a clerk has picked goes to the terminal, each as it is read. */
  private async add(call: string, files: readonly File[]): Promise<void> {
    for (const file of files) {
      const papers = this.line?.papers(call);
      // A file of another size than allowed is not read at all.
      const content = file.size > BYTES ? null : new Uint8Array(await file.arrayBuffer());
      const what = content === null ? "paper-size" : await papers?.add(file.name, content);
      if (what !== null && what !== undefined) {
        this.tell({ is: "trouble", problem: { what } });
      }
    }
  }

  /** Draws what is looked at, or else what is shown, where there is a place for it. */
  draw(canvas: HTMLCanvasElement | null, talking: Talking | null): void {
    const call = talking?.call ?? "";
    const papers = this.line?.papers(call);
    const looks = talking?.looks ?? null;
    const what = looks ?? talking?.papers.shown ?? null;
    const id = what?.id ?? 0;
    const content = (looks === null ? papers?.own(id) : papers?.came(id)) ?? null;
    if (canvas === null || what === null || content === null) {
      this.preview.forget();
      return;
    }
    const [whose, is] = looks === null ? (["ours", "pages"] as const) : (["theirs", "their-pages"] as const);
    this.preview.draw(canvas, { key: `${call}/${whose}/${id}`, page: what.page, content }, (pages) =>
      this.tell({ is, call, id, pages }),
    );
  }

  private forget(): void {
    this.preview.forget();
    this.opening?.then(({ stream }) => close(stream)).catch(() => undefined);
    this.opening = null;
    this.pictures.own = null;
    this.pictures.other = null;
    this.pictures.screen = null;
    this.changed();
  }
}

/** Why nothing of the screen is shown. A browser says the same where the clerk has chosen nothing and where it may not let them. */
function unchosen(error: unknown): Trouble {
  if (error instanceof TypeError) {
    return "share-browser";
  }
  return error instanceof DOMException && error.name === "NotAllowedError" ? "share-none" : "share-failed";
}

function problemOf(error: unknown): Problem {
  if (error instanceof exchange.Refusal) {
    return error.problem;
  }
  return { what: error instanceof DeviceError ? error.trouble : "unavailable" };
}
