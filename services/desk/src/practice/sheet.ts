// SPDX-License-Identifier: EUPL-1.2
/** The made page that is "scanned": a form with nothing of anybody in it. */

import type { Bytes } from "../papers/paper.ts";

/** A4 at 100 dots an inch. */
const [WIDTH, HEIGHT] = [827, 1169];

/** What is written on it. */
export interface Sheet {
  readonly title: string;
  readonly mark: string;
  readonly fields: readonly string[];
}

/** The page as PNG. */
export async function scan({ title, mark, fields }: Sheet): Promise<Bytes> {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const paint = canvas.getContext("2d");
  if (paint === null) {
    return new Uint8Array();
  }
  paint.fillStyle = "#fdfcf8";
  paint.fillRect(0, 0, WIDTH, HEIGHT);
  paint.fillStyle = "#1c1b1a";
  paint.font = "bold 40px sans-serif";
  paint.fillText(title, 80, 140);
  paint.fillRect(80, 165, WIDTH - 160, 3);
  fields.forEach((field, n) => {
    const y = 250 + n * 120;
    paint.fillStyle = "#4c4842";
    paint.font = "22px sans-serif";
    paint.fillText(field, 80, y);
    paint.strokeStyle = "#8b8376";
    paint.strokeRect(80, y + 14, WIDTH - 160, 56);
    paint.fillStyle = "#ddd6c8";
    paint.fillRect(96, y + 32, 180 + ((n * 97) % 300), 20);
  });
  paint.save();
  paint.translate(WIDTH / 2, HEIGHT / 2 + 120);
  paint.rotate(-0.6);
  paint.fillStyle = "rgb(176 74 0 / 22%)";
  paint.font = "bold 170px sans-serif";
  paint.textAlign = "center";
  paint.fillText(mark, 0, 0);
  paint.restore();
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  return blob === null ? new Uint8Array() : new Uint8Array(await blob.arrayBuffer());
}
