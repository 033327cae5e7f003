// SPDX-License-Identifier: EUPL-1.2
/** The made picture: somebody at a terminal, drawn and moving, with no camera. Nobody can take it for a person. */

/** All pictures of a terminal are 4:3. */
const [WIDTH, HEIGHT] = [640, 480];

type Paint = CanvasRenderingContext2D;

/** An ellipse in one colour. */
function oval(paint: Paint, colour: string, x: number, y: number, across: number, down: number): void {
  paint.fillStyle = colour;
  paint.beginPath();
  paint.ellipse(x, y, across, down, 0, 0, 2 * Math.PI);
  paint.fill();
}

function box(paint: Paint, colour: string, x: number, y: number, width: number, height: number, round = 0): void {
  paint.fillStyle = colour;
  paint.beginPath();
  paint.roundRect(x, y, width, height, round);
  paint.fill();
}

/** A room with a window, and hills outside. */
function room(paint: Paint, time: number): void {
  box(paint, "#e9e2d2", 0, 0, WIDTH, HEIGHT);
  box(paint, "#cfc4ac", 0, 400, WIDTH, 80);
  box(paint, "#8b8376", 40, 50, 190, 210, 6);
  paint.save();
  paint.beginPath();
  paint.rect(50, 60, 170, 190);
  paint.clip();
  box(paint, "#cfe3ea", 50, 60, 170, 190);
  const cloud = 30 + ((time * 8) % 260);
  for (const [x, y, size] of [
    [0, 105, 20],
    [24, 98, 26],
    [52, 106, 18],
  ] as const) {
    oval(paint, "#ffffff", cloud + x, y, size, size * 0.6);
  }
  oval(paint, "#7fa68a", 90, 262, 120, 66);
  oval(paint, "#2e6f62", 200, 272, 110, 58);
  paint.restore();
  box(paint, "#8b8376", 132, 60, 6, 190);
  // A plant on the sill.
  box(paint, "#b04a00", 540, 330, 60, 70, 6);
  for (const lean of [-0.7, -0.25, 0.2, 0.6]) {
    paint.save();
    paint.translate(570, 332);
    paint.rotate(lean + 0.03 * Math.sin(time * 0.9 + lean));
    oval(paint, "#2e6f62", 0, -48, 13, 52);
    paint.restore();
  }
}

/** Shoulders, head and a hand that waves now and then. */
function person(paint: Paint, time: number): void {
  const sway = 6 * Math.sin(time * 0.7);
  const breath = 3 * Math.sin(time * 1.6);
  const waves = time % 9 < 3;
  if (waves) {
    paint.save();
    paint.translate(450 + sway, 400);
    paint.rotate(0.32 + 0.22 * Math.sin(time * 7));
    box(paint, "#174e46", -24, -150, 48, 170, 24);
    oval(paint, "#dba985", 0, -170, 27, 31);
    paint.restore();
  }
  box(paint, "#174e46", 205 + sway, 352 - breath, 230, 200, 90);
  box(paint, "#c99570", 292 + sway, 305 - breath, 56, 72, 22);
  paint.save();
  paint.translate(320 + 1.6 * sway, 220 - breath);
  paint.rotate(0.04 * Math.sin(time * 0.7 + 0.6));
  oval(paint, "#4a3a2c", 0, -22, 96, 112);
  oval(paint, "#dba985", -84, 14, 15, 22);
  oval(paint, "#dba985", 84, 14, 15, 22);
  oval(paint, "#e3b48f", 0, 6, 82, 98);
  // The fringe.
  paint.fillStyle = "#4a3a2c";
  paint.beginPath();
  paint.ellipse(0, -52, 84, 44, 0, Math.PI, 2 * Math.PI);
  paint.fill();
  const blinks = time % 3.7 < 0.14;
  for (const x of [-32, 32]) {
    oval(paint, "#ffffff", x, -4, 15, blinks ? 2 : 11);
    if (!blinks) {
      oval(paint, "#1c1b1a", x + 3 * Math.sin(time * 0.5), -3, 6, 6);
    }
    box(paint, "#4a3a2c", x - 18, -30, 36, 6, 3);
  }
  oval(paint, "#c99570", 0, 24, 9, 13);
  // It talks for a while, and then it listens.
  const talks = time % 9 < 5;
  oval(paint, "#8a3b32", 0, 58, 24, talks ? 5 + 5 * Math.abs(Math.sin(time * 6)) : 4);
  paint.restore();
}

/** What the picture is, written into it. */
function mark(paint: Paint, words: string): void {
  paint.font = "bold 26px sans-serif";
  const width = paint.measureText(words).width;
  box(paint, "#b04a00", 16, HEIGHT - 56, width + 32, 40, 8);
  paint.fillStyle = "#ffffff";
  paint.textBaseline = "middle";
  paint.fillText(words, 32, HEIGHT - 35);
}

/** Draws the picture at `time`, in seconds. */
export function draw(paint: Paint, time: number, words: string): void {
  room(paint, time);
  person(paint, time);
  mark(paint, words);
}

/** A canvas for it. */
export function place(): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  return canvas;
}
