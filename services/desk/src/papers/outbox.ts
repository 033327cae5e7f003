// SPDX-License-Identifier: EUPL-1.2
/** Documents of the desk, as they go. */

import type { Frame } from "./frame.ts";
import { ALL_BYTES, BYTES, CHUNK, DOCUMENTS, NUMBERS, WINDOW } from "./limits.ts";
import { type Bytes, hash, kindOf, named, type Offer } from "./paper.ts";

/** Why a document is not sent: it is empty or too large, there is no room, or it is no PDF and no picture. */
export type Unsent = "paper-size" | "paper-room" | "paper-kind";

/** How far it is with a document. */
export type Sent = "going" | "whole" | "refused";

interface Outgoing {
  readonly offer: Offer;
  readonly content: Bytes;
  sent: Sent;
  had: number;
  turn: number;
  /** What is sent next, once it is wanted. */
  next: number | null;
}

/** What is known of a document that goes. */
export interface Going {
  readonly offer: Offer;
  readonly had: number;
  readonly sent: Sent;
}

/** All documents of the desk. Their content stays until they are taken back: the clerk looks at them too. */
export class Outbox {
  private readonly papers = new Map<number, Outgoing>();
  private last = 0;

  /** Takes in a document; gives what the terminal is told, or why not. */
  async add(file: string, content: Bytes): Promise<Frame | Unsent> {
    if (content.length === 0 || content.length > BYTES) {
      return "paper-size";
    }
    const kind = kindOf(content);
    if (kind === null) {
      return "paper-kind";
    }
    const sum = await hash(content);
    const all = this.list().reduce((bytes, { offer }) => bytes + offer.bytes, 0);
    if (this.papers.size >= DOCUMENTS || this.last >= NUMBERS || all + content.length > ALL_BYTES) {
      return "paper-room";
    }
    this.last += 1;
    const offer = { id: this.last, kind, bytes: content.length, hash: sum, name: named(file, kind) };
    this.papers.set(offer.id, { offer, content, sent: "going", had: 0, turn: 0, next: null });
    return { is: "offer", turn: 0, ...offer };
  }

  /** What is offered anew on a channel that is open again: all that has not arrived. */
  again(): Frame[] {
    const frames: Frame[] = [];
    for (const known of this.going()) {
      known.next = null;
      known.turn = (known.turn + 1) % 0x100;
      frames.push({ is: "offer", turn: known.turn, ...known.offer });
    }
    return frames;
  }

  /** The terminal wants a document from a byte on. */
  want(id: number, turn: number, from: number): void {
    const known = this.papers.get(id);
    if (known?.sent === "going" && known.turn === turn && from < known.offer.bytes) {
      known.had = from;
      known.next = from;
    }
  }

  /** The terminal has so much of it. */
  have(id: number, bytes: number): void {
    const known = this.papers.get(id);
    if (known?.sent !== "going") {
      return;
    }
    if (bytes === known.offer.bytes) {
      known.sent = "whole";
      known.had = bytes;
      known.next = null;
    } else if (known.next !== null && bytes <= known.next && bytes > known.had) {
      known.had = bytes;
    }
  }

  /** The terminal does not take it. */
  refused(id: number): void {
    const known = this.papers.get(id);
    if (known?.sent === "going") {
      known.sent = "refused";
      known.next = null;
    }
  }

  /** Takes a document back; what the terminal is told. */
  drop(id: number): Frame | null {
    this.papers.get(id)?.content.fill(0);
    return this.papers.delete(id) ? { is: "drop", id } : null;
  }

  /** The next chunk that may be sent: one document after the other. */
  nextChunk(): Frame | null {
    for (const known of this.going()) {
      const { next, content, offer } = known;
      if (next === null) {
        continue;
      }
      if (next === content.length || next - known.had >= WINDOW) {
        // The one under way comes first.
        return null;
      }
      const bytes = content.slice(next, next + CHUNK);
      known.next = next + bytes.length;
      return { is: "chunk", id: offer.id, from: next, bytes };
    }
    return null;
  }

  /** The content of a document. */
  content(id: number): Bytes | null {
    return this.papers.get(id)?.content ?? null;
  }

  /** What there is. */
  list(): Going[] {
    return [...this.papers.values()].map(({ offer, had, sent }) => ({ offer, had, sent }));
  }

  private going(): Outgoing[] {
    return [...this.papers.values()].filter(({ sent }) => sent === "going");
  }
}
