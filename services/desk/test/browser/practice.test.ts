// SPDX-License-Identifier: EUPL-1.2
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { DEADLINE, Exchange, type Terminal } from "./exchange.ts";
import { type Desk, Stage } from "./stage.ts";

let exchange: Exchange;
let stage: Stage;
let terminal: Terminal;
let one: Desk;

beforeAll(async () => {
  exchange = await Exchange.start();
  stage = await Stage.open(exchange);
  terminal = await exchange.terminal("rathaus");
});

beforeEach(async () => {
  one = await stage.desk();
  await one.free("meldestelle-1");
  return async () => {
    one.isFaultless();
    await one.page.context().close();
  };
});

afterAll(async () => {
  await stage?.close();
  await exchange?.stop();
});

const soon = <T>(ask: () => Promise<T>): ReturnType<typeof expect.poll<T>> => expect.poll(ask, { timeout: DEADLINE });

/** A picture with a square in the middle, as PNG: what a clerk shows. */
async function picture(desk: Desk): Promise<Buffer> {
  const bytes = await desk.page.evaluate(async () => {
    const canvas = new OffscreenCanvas(200, 300);
    const paint = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
    paint.fillStyle = "#ffffff";
    paint.fillRect(0, 0, 200, 300);
    paint.fillStyle = "#000000";
    paint.fillRect(50, 100, 100, 100);
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  });
  return Buffer.from(bytes);
}

/** Proves O10, D2, D3, D4, T13: a clerk practises a whole call with the real proxy and media: it rings as a real one does, pictures move both
 * ways, both write, a document is shown with page and pointer, a print and a scan are asked for and answered, both pause; it ends
 * with the outcome's screen, of which nothing is counted, and the desk is free again as it was. */
test("a whole call is practised", async () => {
  const { page } = one;
  await one.check("practice-way");
  const tab = await one.practise();
  expect(await page.title()).toMatch(/^Übung: /);
  expect(await tab.page.title()).toMatch(/^Übung: /);
  await one.check("practice-home");
  await tab.page.locator("#call:not([aria-disabled])").waitFor();
  // What the desk was is not chosen meanwhile, and one practice is enough.
  await page.keyboard.press("F8");
  await page.keyboard.press("F9");
  expect(page.context().pages()).toHaveLength(2);
  await tab.page.getByLabel("Wohnung und Miete").check();
  await tab.check("practice-ready");

  await tab.page.keyboard.press("F2");
  await one.heading("Wohnung und Miete");
  await tab.heading("Es klingelt an Ihrem Arbeitsplatz");
  await tab.check("practice-calling");
  await page.locator(".preview video").waitFor({ state: "visible" });
  await one.check("practice-ringing");
  await one.take();
  await tab.heading("Gespräch: Wohnung und Miete");

  // The made picture arrives, and moves; and so does the clerk's.
  await soon(async () => (await one.look()).frames).toBeGreaterThan(20);
  await soon(async () => Math.min(...(await one.look()).left)).toBeGreaterThan(90);
  const moved = async (desk: Desk): Promise<number> =>
    desk.page.locator("video.other").evaluate(async (element) => {
      const paint = new OffscreenCanvas(64, 48).getContext("2d") as OffscreenCanvasRenderingContext2D;
      const look = (): Uint8ClampedArray => {
        paint.drawImage(element as HTMLVideoElement, 0, 0, 64, 48);
        return paint.getImageData(0, 0, 64, 48).data;
      };
      const before = look();
      await new Promise((done) => (element as HTMLVideoElement).requestVideoFrameCallback(done));
      await new Promise((done) => (element as HTMLVideoElement).requestVideoFrameCallback(done));
      return look().reduce((sum, value, at) => sum + Math.abs(value - (before[at] ?? 0)), 0);
    });
  await soon(() => moved(one)).toBeGreaterThan(100);
  await soon(() => moved(tab)).toBeGreaterThan(100);
  await soon(async () => (await one.look()).level).toBeGreaterThan(0.005);
  const loud = async (): Promise<number> =>
    tab.page.locator("#level").evaluate((meter) => (meter as HTMLMeterElement).value);
  await soon(loud).toBeGreaterThan(0.05);

  // Text both ways, as it is typed.
  await page.keyboard.press("F9");
  await page.keyboard.type("Guten Tag");
  await tab.page.getByText("Guten Tag").waitFor();
  await tab.page.locator("#write").waitFor();
  await tab.page.keyboard.press("F9");
  await tab.page.keyboard.type("Ich möchte umziehem");
  await tab.page.keyboard.press("Backspace");
  await tab.page.keyboard.type("n");
  await page.getByText("Ich möchte umziehen").waitFor();
  await tab.check("practice-call");
  await one.check("practice-desk-call");

  // A document is shown, with a place on it.
  await page.locator("#show-document:not([aria-disabled])").waitFor();
  await page.setInputFiles("#pick", { name: "Merkblatt.png", mimeType: "image/png", buffer: await picture(one) });
  await tab.page.getByText("Wird Ihnen gezeigt: Merkblatt.png").waitFor();
  await tab.page.locator('canvas.page[data-drawn="yes"]').waitFor();
  const ink = await tab.page.locator("canvas.page").evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const at = (x: number, y: number): number | undefined =>
      canvas.getContext("2d")?.getImageData(x * canvas.width, y * canvas.height, 1, 1).data[0];
    return [at(0.5, 0.5), at(0.1, 0.1)];
  });
  expect(ink).toEqual([0, 255]);
  await page.locator("canvas.page").focus();
  await page.keyboard.press("ArrowRight");
  await tab.page.locator(".shown .point").waitFor();

  // A print and a scan: asked there first.
  await page.getByRole("button", { name: "Dort drucken: Merkblatt.png" }).click();
  await page.getByText("Die Person wird gefragt, ob gedruckt werden darf.").waitFor();
  await tab.page.getByRole("button", { name: "Ja, drucken" }).click();
  await page.getByText("Der Ausdruck liegt am Terminal.").waitFor();
  await page.locator("#scan-there:not([aria-disabled])").click();
  await tab.page.getByText("Möchten Sie ein Papier scannen").waitFor();
  await tab.check("practice-asked");
  await tab.page.getByRole("button", { name: "Nein" }).click();
  await page.getByText("Die Person möchte kein Papier schicken.").waitFor();
  await page.locator("#scan-there:not([aria-disabled])").click();
  await tab.page.locator("#scan-yes").focus();
  await tab.page.keyboard.press("Enter");
  await page.getByText("scannt gerade").waitFor();
  await tab.page.locator("#put").focus();
  await tab.page.keyboard.press("Enter");
  await page.getByText("Das Papier ist da.").waitFor();
  await page.getByRole("button", { name: "Ansehen: Musterseite.png" }).click();
  await page.locator('.looked canvas[data-drawn="yes"]').waitFor();
  await one.check("practice-scanned");
  await page.getByRole("button", { name: "Nicht mehr ansehen" }).click();

  // Paused from both sides.
  await page.keyboard.press("F8");
  await tab.page.getByText("Einen Moment bitte.").waitFor();
  await tab.check("practice-held");
  await page.keyboard.press("F8");
  await tab.page.locator("video.other").waitFor({ state: "visible" });
  await tab.page.keyboard.press("F8");
  await page.getByText("Die Person hat auf Pause gedrückt.").waitFor();
  await tab.page.keyboard.press("F8");
  await page.locator("video.other").waitFor({ state: "visible" });

  // Over: nothing of it is left on either page, nothing is asked of the exchange, and the desk is as it was.
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await tab.page.keyboard.press("F10");
  await one.heading("Die Person hat das Gespräch beendet");
  await tab.page.getByText("Sie haben aufgelegt.").waitFor();
  await one.isClean();
  await tab.isClean();
  for (const { page } of [one, tab]) {
    expect(await page.content()).not.toMatch(/umziehen|Guten Tag|Merkblatt|blob:/);
  }
  await one.check("practice-wrap");
  await page.keyboard.press("F2");
  await one.heading("Sie üben");
  expect(asked.filter((url) => url.includes("/api/"))).toEqual([]);
  const closed = tab.page.waitForEvent("close");
  await page.keyboard.press("F10");
  await one.heading("Sie sind frei");
  await closed;
  tab.isFaultless();
});

/** Proves D3, D2, O10, T13: the clerk shows a window with a key: it is seen at the terminal, and on the page that and what is seen, in words
 * and as it is; it ends with the same key, with that window, with a page that is shown, with a pause, and with the call; and what cannot be is
 * said. */
test("a screen is shown", async () => {
  const { page } = one;
  const tab = await one.practise();
  await tab.page.locator("#call:not([aria-disabled])").waitFor();
  await tab.page.keyboard.press("F2");
  await one.take();
  await page.locator("#share:not([aria-disabled])").waitFor();
  let procedure = await one.procedure();
  const colours = (desk: Desk): Promise<string[]> =>
    desk.page.locator(".screen video").evaluate((element) => {
      const paint = new OffscreenCanvas(16, 16).getContext("2d") as OffscreenCanvasRenderingContext2D;
      paint.drawImage(element as HTMLVideoElement, 0, 0, 16, 16);
      const at = (x: number): string => [...paint.getImageData(x, 8, 1, 1).data.slice(0, 3)].map((c) => c > 90).join();
      return [at(3), at(12)];
    });
  const shows = async (): Promise<void> => {
    await page.keyboard.press("F6");
    await page.locator(".sharing").getByText("Die Person sieht").waitFor();
    await tab.page.getByText("Der Arbeitsplatz zeigt Ihnen seinen Bildschirm.").waitFor();
  };
  const isOver = async (): Promise<void> => {
    await tab.page.locator(".screen").waitFor({ state: "detached" });
    await page.locator(".screen").waitFor({ state: "detached" });
    await soon(() => one.screens()).toBe(0);
  };
  await shows();
  const both = ["false,true,false", "true,true,false"];
  await soon(() => colours(tab)).toEqual(both);
  await soon(() => colours(one)).toEqual(both);
  expect(await one.screens()).toBe(1);
  // The face goes on, also where it is hidden: then that and not the screen is dark.
  const { frames } = await one.look();
  await page.keyboard.press("F7");
  await page.getByText("Ihr Bild ist aus").waitFor();
  await soon(async () => (await one.look()).frames).toBeGreaterThan(frames + 10);
  expect(await colours(tab)).toEqual(both);
  await page.keyboard.press("F7");
  await soon(async () => Math.max(...(await tab.look()).left)).toBeGreaterThan(60);
  await one.check("screen-shown");
  await tab.check("practice-screen");
  await page.keyboard.press("F6");
  await isOver();

  // With the window itself, as with the browser's own button.
  await shows();
  await procedure.close();
  await isOver();
  procedure = await one.procedure();

  // A page takes its place, and it takes a page's.
  await shows();
  const file = { name: "Merkblatt.png", mimeType: "image/png", buffer: await picture(one) };
  await page.setInputFiles("#pick", file);
  await tab.page.getByText("Wird Ihnen gezeigt: Merkblatt.png").waitFor();
  await isOver();
  await shows();
  await tab.page.getByText("Wird Ihnen gezeigt: Merkblatt.png").waitFor({ state: "detached" });

  // Either side pauses: nothing of it goes on afterwards.
  await page.keyboard.press("F8");
  await tab.page.getByText("Einen Moment bitte.").waitFor();
  await isOver();
  await page.keyboard.press("F6");
  await page.getByText("Gerade lässt sich Ihr Bildschirm nicht zeigen.").waitFor();
  await page.keyboard.press("F8");
  await page.locator("video.other").waitFor({ state: "visible" });
  await shows();
  await tab.page.keyboard.press("F8");
  await page.getByText("Die Person hat auf Pause gedrückt.").waitFor();
  await isOver();
  await tab.page.keyboard.press("F8");
  await page.locator("video.other").waitFor({ state: "visible" });

  // What cannot be is said.
  for (const [error, says] of [
    [["Permission denied", "NotAllowedError"], "Von Ihrem Bildschirm wird nichts gezeigt."],
    [["Could not start", "NotReadableError"], "Ihr Bildschirm lässt sich gerade nicht zeigen."],
    [null, "Dieser Browser kann den Bildschirm nicht zeigen."],
  ] as const) {
    await page.evaluate((error) => {
      const { mediaDevices } = navigator;
      const refuses = (): Promise<never> => Promise.reject(new DOMException(...(error as [string, string])));
      const before = mediaDevices.getDisplayMedia;
      const now = error === null ? undefined : refuses;
      Object.assign(mediaDevices, { getDisplayMedia: now });
      Object.assign(window, { giveBack: () => Object.assign(mediaDevices, { getDisplayMedia: before }) });
    }, error);
    await page.keyboard.press("F6");
    await page.getByText(says).waitFor();
    await page.evaluate("giveBack()");
  }
  await one.check("screen-not-shown");

  await shows();
  await page.keyboard.press("F10");
  await one.heading("Das Gespräch ist beendet");
  await one.isClean();
  await tab.page.getByText("Der Arbeitsplatz hat das Gespräch beendet.").waitFor();
  await tab.isClean();
  await procedure.close();
  tab.isFaultless();
});

/** Proves O10: while a desk practises a citizen rings elsewhere, and its practice rings nowhere else; when the page is just closed in the
 * middle of a call, the call ends, and the citizen who waits rings here. */
test("citizens and practice do not meet", async () => {
  const two = await stage.desk();
  await two.free("meldestelle-2");
  const tab = await one.practise();
  await tab.page.locator("#call:not([aria-disabled])").click();
  await one.heading("Ausweis und Wohnsitz");
  await two.heading("Sie sind frei");
  await two.page.getByText("Niemand wartet.").waitFor();
  await one.take();
  await tab.heading("Gespräch: Ausweis und Wohnsitz");
  const watch = await terminal.take("ausweis");
  await watch.until("called");
  await two.page.getByText("klingelt bei Ihnen").waitFor();
  await two.page.keyboard.press("F8");
  await two.heading("Sie sind in der Pause");
  await watch.until("waiting");
  await tab.page.close();
  await one.heading(/beendet|abgebrochen/);
  await watch.until("called");
  await watch.leave();
  await one.page.keyboard.press("F2");
  await one.heading("Sie sind frei");
  two.isFaultless();
  await two.page.context().close();
});

/** Proves O10: handing over, declining and hanging up while it rings are practised; a page whose renderer falls is noticed; signing out
 * ends the practice; and nobody practises without a session, or twice. */
test("practice ends in every way", async () => {
  const { page } = one;
  const tab = await one.practise();
  const call = tab.page.locator("#call:not([aria-disabled])");
  await call.waitFor();
  // Side by side, on half a screen each, and at 400 % (WCAG 1.4.10).
  for (const width of [683, 320]) {
    for (const [desk, name] of [
      [one, "home"],
      [tab, "ready"],
    ] as const) {
      await desk.page.setViewportSize({ width, height: 768 });
      await desk.check(`practice-${name}-${width}`);
    }
  }
  await call.click();
  await one.heading("Ausweis und Wohnsitz");
  await page.keyboard.press("F8");
  await one.heading("Sie üben");
  await tab.page.getByText("Am Arbeitsplatz wurde nicht angenommen.").waitFor();
  await call.click();
  await one.heading("Ausweis und Wohnsitz");
  await tab.page.keyboard.press("F10");
  await page.getByText("Die Person hat aufgelegt").waitFor();
  await page.getByText("Sie üben weiter.").waitFor();
  await one.heading("Sie üben");
  await call.click();
  await one.heading("Ausweis und Wohnsitz");
  await one.take();
  await tab.heading("Gespräch: Ausweis und Wohnsitz");
  await tab.check("practice-call-320");
  await page.keyboard.press("F3");
  await page.getByRole("button", { name: "Familie und Kinder" }).click();
  await one.heading("Sie haben das Gespräch weitergegeben");
  await tab.page.getByText("Der Arbeitsplatz hat das Gespräch beendet.").waitFor();
  await page.keyboard.press("F3");
  await one.heading("Sie üben");

  // Another page is one too many.
  const second = await page.context().newPage();
  await second.goto(`${exchange.origin}/practice.html`);
  await second.getByRole("heading", { name: "Sie üben schon in einem anderen Fenster." }).waitFor();
  await second.close();

  // The page falls, without a word.
  await call.click();
  await one.heading("Ausweis und Wohnsitz");
  await one.take();
  const fell = tab.page.waitForEvent("crash");
  tab.page.goto("chrome://crash").catch(() => undefined);
  await fell;
  await one.heading("Die Verbindung zum Terminal ist abgebrochen");
  await page.keyboard.press("F2");
  await one.heading("Sie sind frei");
  await tab.page.close();

  const again = await one.practise();
  await page.getByRole("button", { name: "Abmelden" }).click();
  await one.heading("Anmelden");
  await again.page.waitForEvent("close").catch(() => undefined);
  const nobody = await page.context().newPage();
  await nobody.goto(`${exchange.origin}/practice.html#en`);
  await nobody.getByRole("heading", { name: "Nobody is signed in at this desk." }).waitFor();
  await nobody.close();
});

/** Proves O10: an exchange that falls in the middle of a practice leaves nothing behind: once it is back, the call is over, the clerk signs
 * in anew and is no longer practising, and the page that played the terminal is gone. */
test("the exchange falls during practice", async () => {
  const tab = await one.practise();
  await tab.page.locator("#call:not([aria-disabled])").click();
  await one.heading("Ausweis und Wohnsitz");
  await one.take();
  const closed = tab.page.waitForEvent("close");
  await exchange.kill();
  await one.page.getByText("Die Verbindung zur Vermittlung ist unterbrochen.").waitFor();
  await exchange.serve();
  await one.page.getByText("Sie sind abgemeldet.").waitFor();
  await one.isClean();
  await closed;
  await one.free("meldestelle-1");
});
