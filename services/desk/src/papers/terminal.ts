// SPDX-License-Identifier: EUPL-1.2
/**
 * The terminal's side of a call's papers, for the page that plays one (O10): what the desk shows, and what it asks to be printed or
 * scanned. A real terminal has it in `services/call/src/papers`. Pure.
 */

import type { Shown } from "./desk.ts";
import { type Answer, decode, encode, type Frame, type Scanned, Unfit } from "./frame.ts";
import { type Arriving, Inbox } from "./inbox.ts";
import { Outbox } from "./outbox.ts";
import type { Bytes } from "./paper.ts";

/** A question of the clerk's, and what was answered. */
export interface Question<A> {
  readonly request: number;
  readonly answer: A | null;
}

/** What lies at the terminal: plain values, no content. */
export interface Lying {
  readonly open: boolean;
  readonly came: readonly Arriving[];
  readonly shown: Shown | null;
  /** The desk shows its screen instead. */
  readonly shares: boolean;
  /** Which document is to be printed. */
  readonly print: (Question<Answer> & { readonly id: number }) | null;
  readonly scan: Question<Scanned> | null;
}

/** Nothing lies there. */
export const EMPTY: Lying = { open: false, came: [], shown: null, shares: false, print: null, scan: null };

/** The papers of a call at the terminal. */
export class Terminal {
  private readonly inbox = new Inbox();
  private readonly outbox = new Outbox();
  private open = false;
  private shown: Shown | null = null;
  private shares = false;
  private print: Lying["print"] = null;
  private scan: Lying["scan"] = null;
  /** The document that is the answer to the scan. */
  private sends: number | null = null;
  private taking: Promise<void> = Promise.resolve();

  /** `send` sends a message; `changed` is told what there is after every change. */
  constructor(
    private readonly send: (bytes: Bytes) => void,
    private readonly changed: (lying: Lying) => void,
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

  /** The citizen, or the printer, answers the question for a print. */
  answerPrint(answer: Answer): void {
    const { print } = this;
    const begun = print?.answer ?? null;
    if (print !== null && (begun === null ? answer !== "printed" : begun === "agreed" && answer !== "agreed")) {
      this.print = { ...print, answer };
      this.out({ is: "printing", request: print.request, answer });
      this.tell();
    }
  }

  /** The citizen agrees to scan, or does not want to. */
  answerScan(answer: "agreed" | "declined"): void {
    const { scan } = this;
    if (scan !== null && (scan.answer === null || (scan.answer === "agreed" && this.sends === null))) {
      this.says(scan.request, answer);
      this.tell();
    }
  }

  /** The paper that was scanned: it goes to the desk. */
  async scanned(name: string, content: Bytes): Promise<void> {
    const { scan } = this;
    if (scan?.answer !== "agreed" || this.sends !== null) {
      return;
    }
    const offered = await this.outbox.add(name, content);
    if (this.scan !== scan || this.sends !== null) {
      return;
    }
    if (typeof offered === "string" || offered.is !== "offer") {
      this.says(scan.request, "not-now");
    } else {
      this.sends = offered.id;
      this.out(offered);
    }
    this.tell();
  }

  /** The content of a document that is whole. */
  content(id: number): Bytes | null {
    return this.inbox.content(id);
  }

  /** Forgets everything: contents are overwritten. */
  forget(): void {
    this.open = false;
    this.inbox.keep([]);
    for (const { offer } of this.outbox.list()) {
      this.outbox.drop(offer.id);
    }
    [this.shown, this.print, this.scan, this.sends] = [null, null, null, null];
    this.shares = false;
  }

  /** What there is. */
  get lying(): Lying {
    const { open, shown, shares, print, scan } = this;
    return { open, came: this.inbox.list(), shown, shares, print, scan };
  }

  private hello(asks: boolean): void {
    this.out({ is: "hello", asks, ids: this.outbox.list().map(({ offer }) => offer.id) });
    for (const frame of this.outbox.again()) {
      this.out(frame);
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
        this.arrived(frame.id);
        break;
      case "refuse":
        this.outbox.refused(frame.id);
        if (this.sends === frame.id && this.scan !== null) {
          this.says(this.scan.request, "not-now");
        }
        break;
      case "drop":
        this.inbox.drop(frame.id);
        if (this.print?.id === frame.id && this.print.answer === null) {
          this.print = null;
        }
        break;
      case "show":
        this.shown = { id: frame.id, page: frame.page, point: null };
        this.shares = false;
        break;
      case "hide":
      case "share":
        this.shown = null;
        this.shares = frame.is === "share";
        break;
      case "point":
        this.shown = this.shown === null ? null : { ...this.shown, point: [frame.x, frame.y] };
        break;
      case "lift":
        this.shown = this.shown === null ? null : { ...this.shown, point: null };
        break;
      case "print":
      case "scan":
        this.asked(frame);
        break;
      default:
        // Only the terminal answers.
        break;
    }
  }

  /** After a break the clerk's question comes again, and is answered as before. */
  private asked(frame: Frame & { readonly is: "print" | "scan" }): void {
    const { request } = frame;
    if (frame.is === "print") {
      if (this.print?.request !== request) {
        this.print = { request, id: frame.id, answer: null };
      } else if (this.print.answer !== null) {
        this.out({ is: "printing", request, answer: this.print.answer });
      }
    } else if (this.scan?.request !== request) {
      this.scan = { request, answer: null };
      this.sends = null;
    } else if (this.scan.answer !== null) {
      this.says(request, this.scan.answer);
    }
  }

  private arrived(id: number): void {
    const whole = this.outbox.list().some(({ offer, sent }) => offer.id === id && sent === "whole");
    if (whole && this.sends === id && this.scan?.answer === "agreed") {
      this.says(this.scan.request, "sent");
    }
  }

  private says(request: number, answer: Scanned): void {
    this.scan = { request, answer };
    this.out({ is: "scanning", request, says: answer, reason: null });
  }

  private pump(): void {
    for (let chunk = this.outbox.nextChunk(); chunk !== null; chunk = this.outbox.nextChunk()) {
      this.out(chunk);
    }
  }

  private out(frame: Frame): void {
    if (this.open) {
      this.send(encode(frame));
    }
  }

  private tell(): void {
    this.changed(this.lying);
  }
}
