// SPDX-License-Identifier: EUPL-1.2
/** Documents of the terminal, as they come. Held in memory and nowhere else. */

import type { Frame, Refusal } from "./frame.ts";
import { ALL_BYTES, BYTES, DOCUMENTS, NUMBERS } from "./limits.ts";
import { type Bytes, fits, hash, type Offer } from "./paper.ts";

interface Incoming {
  readonly offer: Offer;
  readonly content: Bytes;
  had: number;
  turn: number;
  /** From where on it was asked for last: what is under way from elsewhere is not asked for again and again. */
  asked: number | null;
  whole: boolean;
}

/** What is known of a document that comes. */
export interface Arriving {
  readonly offer: Offer;
  readonly had: number;
  readonly whole: boolean;
}

/** All documents of the terminal. */
export class Inbox {
  private readonly papers = new Map<number, Incoming>();
  private last = 0;

  /** Takes in an offer; says what the sender is told. */
  offer(turn: number, offer: Offer): Frame {
    const { id } = offer;
    const refuse = (why: Refusal): Frame => ({ is: "refuse", id, why });
    const known = this.papers.get(id);
    if (known !== undefined) {
      if (!same(known.offer, offer)) {
        return refuse("number");
      }
      if (known.whole) {
        return { is: "have", id, bytes: offer.bytes };
      }
      known.turn = turn;
      known.asked = known.had;
      return { is: "want", id, turn, from: known.had };
    }
    if (id <= this.last || id > NUMBERS) {
      return refuse("number");
    }
    this.last = id;
    if (offer.bytes === 0 || offer.bytes > BYTES) {
      return refuse("size");
    }
    const all = this.list().reduce((sum, { offer }) => sum + offer.bytes, 0);
    if (this.papers.size >= DOCUMENTS || all + offer.bytes > ALL_BYTES) {
      return refuse("room");
    }
    const content = new Uint8Array(offer.bytes);
    this.papers.set(id, { offer, content, had: 0, turn, asked: 0, whole: false });
    return { is: "want", id, turn, from: 0 };
  }

  /** Takes in a chunk; says what the sender is told, if anything. What a document is in the end takes a moment to be checked. */
  async chunk(id: number, from: number, bytes: Bytes): Promise<Frame | null> {
    const known = this.papers.get(id);
    if (known === undefined || known.had === known.offer.bytes) {
      return null;
    }
    if (from !== known.had) {
      if (from > known.had && known.asked !== known.had) {
        known.asked = known.had;
        return { is: "want", id, turn: known.turn, from: known.had };
      }
      return null;
    }
    if (bytes.length > known.offer.bytes - known.had) {
      return this.damaged(id);
    }
    known.asked = null;
    known.content.set(bytes, known.had);
    known.had += bytes.length;
    if (known.had === known.offer.bytes) {
      const { kind } = known.offer;
      if ((await hash(known.content)) !== known.offer.hash || !fits(kind, known.content)) {
        return this.damaged(id);
      }
      known.whole = true;
    }
    return { is: "have", id, bytes: known.had };
  }

  private damaged(id: number): Frame {
    this.drop(id);
    return { is: "refuse", id, why: "damaged" };
  }

  /** Forgets a document. */
  drop(id: number): void {
    this.papers.get(id)?.content.fill(0);
    this.papers.delete(id);
  }

  /** Forgets all but these. */
  keep(ids: readonly number[]): void {
    for (const id of [...this.papers.keys()].filter((id) => !ids.includes(id))) {
      this.drop(id);
    }
  }

  /** The content of a document that is whole. */
  content(id: number): Bytes | null {
    const known = this.papers.get(id);
    return known?.whole === true ? known.content : null;
  }

  /** What there is. */
  list(): Arriving[] {
    return [...this.papers.values()].map(({ offer, had, whole }) => ({ offer, had, whole }));
  }
}

function same(one: Offer, other: Offer): boolean {
  const keys = ["id", "kind", "bytes", "hash", "name"] as const;
  return keys.every((key) => one[key] === other[key]);
}
