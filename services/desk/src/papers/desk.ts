// SPDX-License-Identifier: EUPL-1.2
/** The desk's side of a call's papers: documents both ways, what is shown at the terminal, and what is asked to be printed or scanned there. */

import { type Answer, decode, encode, type Frame, type Scanned, type Trouble, Unfit } from "./frame.ts";
import { Inbox } from "./inbox.ts";
import { PAGES } from "./limits.ts";
import { Outbox, type Sent, type Unsent } from "./outbox.ts";
import type { Bytes, Kind } from "./paper.ts";

/** A document of ours. */
export interface Ours {
  readonly id: number;
  readonly kind: Kind;
  readonly name: string;
  readonly bytes: number;
  readonly had: number;
  readonly sent: Sent;
  /** How far a print of it is; `asked` until the citizen answers. */
  readonly print: Answer | "asked" | null;
}

/** A document of the terminal. */
export interface Theirs {
  readonly id: number;
  readonly kind: Kind;
  readonly name: string;
  readonly bytes: number;
  readonly had: number;
  readonly whole: boolean;
}

/** What is shown at the terminal, and where we point: in parts of 65535 of the page. */
export interface Shown {
  readonly id: number;
  readonly page: number;
  readonly point: readonly [x: number, y: number] | null;
}

/** What of the clerk's screen is shown instead of a page. */
export interface Shared {
  readonly surface: "monitor" | "window" | "browser" | "unknown";
  /** What the browser calls it; empty where it has no words for it. */
  readonly label: string;
}

/** How far it is with a paper that we have asked for; `asked` until the citizen answers. */
export interface Scan {
  readonly says: Scanned | "asked";
  /** What keeps the scanner, or kept the paper from coming. */
  readonly reason: Trouble | null;
}

/** Whether a scan is not over yet: another one cannot be asked for. */
export function scans(scan: Scan | null): boolean {
  return scan !== null && (scan.says === "asked" || scan.says === "agreed" || scan.says === "hindered");
}

/** What is known of all papers: plain values, no content. */
export interface Pile {
  /** There is a way for them. */
  readonly open: boolean;
  readonly ours: readonly Ours[];
  readonly theirs: readonly Theirs[];
  readonly shown: Shown | null;
  /** The screen is shown. One thing at a time: then no page is. */
  readonly shared: Shared | null;
  /** The scan that was asked for last. */
  readonly scan: Scan | null;
}

/** No papers. */
export const NONE: Pile = { open: false, ours: [], theirs: [], shown: null, shared: null, scan: null };

interface Print {
  readonly request: number;
  readonly id: number;
  readonly copies: number;
  answer: Answer | null;
}

/** All papers of a call. What they hold is in this object alone. */
export class Papers {
  private readonly inbox = new Inbox();
  private readonly outbox = new Outbox();
  private shown: Shown | null = null;
  private shared: Shared | null = null;
  private print: Print | null = null;
  private scan: ({ readonly request: number } & Scan) | null = null;
  private requests = 0;
  private open = false;
  /** Frames are taken in one after the other, though a check takes a moment. */
  private taking: Promise<void> = Promise.resolve();

  /** `send` sends a message; `changed` is told what there is after every change. */
  constructor(
    private readonly send: (bytes: Bytes) => void,
    private readonly changed: (pile: Pile) => void,
  ) {}

  /** The channel is open, or is not any more. */
  way(open: boolean): void {
    this.open = open;
    if (open) {
      this.hello(true);
    }
    this.tell();
  }

  /** Takes in a message. What is no frame is left out. */
  take(bytes: Bytes): Promise<void> {
    this.taking = this.taking.then(async () => {
      try {
        await this.frame(decode(bytes));
        this.pump();
        this.tell();
      } catch (error) {
        if (!(error instanceof Unfit)) {
          throw error;
        }
      }
    });
    return this.taking;
  }

  /** Takes in what the clerk picked, and shows it; says why not. */
  async add(file: string, content: Bytes): Promise<Unsent | null> {
    const offered = await this.outbox.add(file, content);
    if (typeof offered === "string") {
      return offered;
    }
    this.out(offered);
    if (offered.is === "offer") {
      this.show(offered.id, 1);
    }
    return null;
  }

  /** Shows a page of a document of ours at the terminal. */
  show(id: number, page: number): void {
    if (this.outbox.content(id) !== null && page >= 1 && page <= PAGES) {
      this.shown = { id, page, point: null };
      this.shared = null;
      this.out({ is: "show", id, page });
      this.tell();
    }
  }

  /** Shows the screen in the place of a page. */
  share(shared: Shared): void {
    this.shown = null;
    this.shared = shared;
    this.out({ is: "share" });
    this.tell();
  }

  /** Shows the screen no more. */
  unshare(): void {
    if (this.shared !== null) {
      this.hide();
    }
  }

  /** Shows nothing any more. */
  hide(): void {
    if (this.shown !== null || this.shared !== null) {
      this.shown = null;
      this.shared = null;
      this.out({ is: "hide" });
      this.tell();
    }
  }

  /** Points at a place of the page, or at nothing. */
  point(point: Shown["point"]): void {
    if (this.shown === null || (point === null && this.shown.point === null)) {
      return;
    }
    this.shown = { ...this.shown, point };
    this.out(point === null ? { is: "lift" } : { is: "point", x: point[0], y: point[1] });
    this.tell();
  }

  /** Takes a document back: it is forgotten on both sides. */
  drop(id: number): void {
    const frame = this.outbox.drop(id);
    if (frame === null) {
      return;
    }
    if (this.shown?.id === id) {
      this.hide();
    }
    if (this.print?.id === id) {
      this.print = null;
    }
    this.out(frame);
    this.pump();
    this.tell();
  }

  /** Asks for a document of ours to be printed at the terminal. */
  ask(id: number, copies: number): void {
    const waits = this.print !== null && (this.print.answer === null || this.print.answer === "agreed");
    if (waits || this.outbox.content(id) === null) {
      return;
    }
    this.requests += 1;
    this.print = { request: this.requests, id, copies, answer: null };
    this.out({ is: "print", request: this.requests, id, copies });
    this.tell();
  }

  /** Asks for a paper of the citizen's to be scanned at the terminal. */
  askScan(): void {
    if (scans(this.scan)) {
      return;
    }
    this.requests += 1;
    this.scan = { request: this.requests, says: "asked", reason: null };
    this.out({ is: "scan", request: this.requests });
    this.tell();
  }

  /** The content of a document of ours. */
  own(id: number): Bytes | null {
    return this.outbox.content(id);
  }

  /** The content of a document of the terminal that is whole. */
  came(id: number): Bytes | null {
    return this.inbox.content(id);
  }

  /** The hash of a document of the terminal. */
  hash(id: number): string | null {
    return this.inbox.list().find(({ offer }) => offer.id === id)?.offer.hash ?? null;
  }

  /** Forgets everything: contents are overwritten. */
  forget(): void {
    this.open = false;
    this.inbox.keep([]);
    for (const { offer } of this.outbox.list()) {
      this.outbox.drop(offer.id);
    }
    this.shown = null;
    this.shared = null;
    this.print = null;
    this.scan = null;
  }

  private hello(asks: boolean): void {
    this.out({ is: "hello", asks, ids: this.outbox.list().map(({ offer }) => offer.id) });
    for (const frame of this.outbox.again()) {
      this.out(frame);
    }
    if (this.shown !== null) {
      const { id, page, point } = this.shown;
      this.out({ is: "show", id, page });
      if (point !== null) {
        this.out({ is: "point", x: point[0], y: point[1] });
      }
    } else {
      this.out({ is: this.shared === null ? "hide" : "share" });
    }
    if (this.print !== null && (this.print.answer === null || this.print.answer === "agreed")) {
      const { request, id, copies } = this.print;
      this.out({ is: "print", request, id, copies });
    }
    if (this.scan !== null && scans(this.scan)) {
      this.out({ is: "scan", request: this.scan.request });
    }
  }

  private async frame(frame: Frame): Promise<void> {
    switch (frame.is) {
      case "hello":
        this.inbox.keep(frame.ids);
        if (frame.asks) {
          this.hello(false);
        }
        break;
      case "offer": {
        const { is: _, turn, ...offer } = frame;
        this.out(this.inbox.offer(turn, offer));
        break;
      }
      case "chunk": {
        const reply = await this.inbox.chunk(frame.id, frame.from, frame.bytes);
        if (reply !== null) {
          this.out(reply);
        }
        break;
      }
      case "want":
        this.outbox.want(frame.id, frame.turn, frame.from);
        break;
      case "have":
        this.outbox.have(frame.id, frame.bytes);
        break;
      case "refuse":
        this.outbox.refused(frame.id);
        break;
      case "drop":
        this.inbox.drop(frame.id);
        break;
      case "printing":
        if (this.print?.request === frame.request) {
          this.print.answer = frame.answer;
        }
        break;
      case "scanning":
        // What was said before a break may be said again.
        if (this.scan?.request === frame.request && scans(this.scan)) {
          this.scan = { request: frame.request, says: frame.says, reason: frame.reason };
        }
        break;
      default:
        // Only the desk shows, points and asks.
        break;
    }
  }

  private pump(): void {
    for (let chunk = this.outbox.nextChunk(); chunk !== null; chunk = this.outbox.nextChunk()) {
      this.out(chunk);
    }
  }

  /** What is said while there is no way is said anew when there is one. */
  private out(frame: Frame): void {
    if (this.open) {
      this.send(encode(frame));
    }
  }

  private tell(): void {
    this.changed(this.pile);
  }

  /** What there is. */
  get pile(): Pile {
    const { print, scan } = this;
    return {
      open: this.open,
      ours: this.outbox.list().map(({ offer: { id, kind, name, bytes }, had, sent }) => ({
        id,
        kind,
        name,
        bytes,
        had,
        sent,
        print: print?.id === id ? (print.answer ?? "asked") : null,
      })),
      theirs: this.inbox.list().map(({ offer: { id, kind, name, bytes }, had, whole }) => ({
        id,
        kind,
        name,
        bytes,
        had,
        whole,
      })),
      shown: this.shown,
      shared: this.shared,
      scan: scan === null ? null : { says: scan.says, reason: scan.reason },
    };
  }
}
