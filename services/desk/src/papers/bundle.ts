// SPDX-License-Identifier: EUPL-1.2
/** What came in, as one file to be saved: the documents and, for the line application, what is known of them. */

import { zipSync } from "fflate";
import type { Papers, Pile } from "./desk.ts";
import { type Bytes, TYPES } from "./paper.ts";

/** What is known of the call. Nobody's name is. */
export interface Matter {
  readonly department: string | null;
  readonly topic: string | null;
}

/** The file's content: `pile` says what there is, `papers` has it. */
export function bundle(papers: Papers, pile: Pile, matter: Matter, saved: Date): Bytes {
  const files: Record<string, Uint8Array> = {};
  const documents = [];
  for (const { id, kind, name, bytes } of pile.theirs) {
    const content = papers.came(id);
    if (content !== null) {
      // Two documents may have one name.
      const file = `${String(id).padStart(2, "0")} ${name}`;
      files[file] = content;
      documents.push({ file, name, type: TYPES[kind], bytes, sha256: papers.hash(id) });
    }
  }
  const about = { format: "amtsnah-papers-1", saved: saved.toISOString(), ...matter, documents };
  files["metadata.json"] = new TextEncoder().encode(`${JSON.stringify(about, null, 2)}\n`);
  // Documents are compressed already, and a clerk waits.
  return zipSync(files, { level: 0, mtime: saved }) as Bytes;
}

/** What the file is called: by its time, for it says nothing of anybody. */
export function called(saved: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = [saved.getFullYear(), two(saved.getMonth() + 1), two(saved.getDate())].join("-");
  return `Unterlagen ${day} ${[saved.getHours(), saved.getMinutes(), saved.getSeconds()].map(two).join("-")}.zip`;
}
