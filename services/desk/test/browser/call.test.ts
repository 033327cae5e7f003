// SPDX-License-Identifier: EUPL-1.2
import { readFileSync } from "node:fs";
import { unzipSync } from "fflate";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Papers, Seen } from "./caller.ts";
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

const look = (caller: Page): Promise<Seen> => caller.evaluate(() => window.caller.look());
const soon = <T>(ask: () => Promise<T>): ReturnType<typeof expect.poll<T>> => expect.poll(ask, { timeout: DEADLINE });

/** Somebody calls this department; the desk rings. */
async function rung(department: string, title: string): Promise<Page> {
  const watch = await terminal.take(department);
  const caller = await stage.caller(terminal, watch);
  await one.heading(title);
  await one.page.getByRole("button", { name: "Annehmen" }).waitFor();
  return caller;
}

/** Proves D2, T2, T11, T13, T15: through the real proxy a call rings with its matter, is taken by one click, and both sides see, hear and read
 * each other; it is muted, paused from both sides and ended by keyboard; then nothing of it is left. */
test("a citizen and a clerk talk", async () => {
  const caller = await rung("ausweis", "Ausweis und Wohnsitz");
  await one.page.locator(".preview video").waitFor({ state: "visible" });
  await one.check("ringing");
  const begun = Date.now();
  await one.take();
  await soon(async () => (await one.look()).frames).toBeGreaterThan(10);
  console.info(`from answer to ten pictures: ${Date.now() - begun} ms`);

  // What arrives is what was sent: red on the left, blue on the right, and a tone.
  await soon(async () => (await one.look()).level).toBeGreaterThan(0.1);
  await soon(async () => (await one.look()).left[0]).toBeGreaterThan(180);
  const seen = await one.look();
  expect(seen.left[0]).toBeGreaterThan(180);
  expect(seen.left[2]).toBeLessThan(80);
  expect(seen.right[2]).toBeGreaterThan(180);
  expect(seen.muted).toBe(false);
  await soon(async () => (await one.look()).frames).toBeGreaterThan(60);
  await soon(async () => (await look(caller)).frames).toBeGreaterThan(10);
  // Chromium's camera is green, its microphone beeps.
  await soon(async () => (await look(caller)).level).toBeGreaterThan(0.1);
  await soon(async () => Math.max(...(await look(caller)).colour)).toBeGreaterThan(50);

  // It is for as long as it takes: nothing ends it because the terminal was away for a moment (T11).
  expect((await look(caller)).states).toContain("accepted");

  // Text in both directions, as it is typed.
  await one.page.keyboard.press("F9");
  await one.page.keyboard.type("Gutem");
  await one.page.keyboard.press("Backspace");
  await one.page.keyboard.type("n Tag");
  await one.page.keyboard.press("Enter");
  await soon(async () => (await look(caller)).text).toBe("Gutem\u0008n Tag\u2028");
  await caller.evaluate(() => window.caller.write("Ich heiße Geheim"));
  await one.page.getByText("Ich heiße Geheim").waitFor();
  await one.check("call");

  // Muted: nothing but silence and black arrives.
  await one.page.keyboard.press("F4");
  await one.page.keyboard.press("F7");
  await one.page.getByText("Ihr Ton ist aus").waitFor();
  await soon(async () => (await look(caller)).level).toBeLessThan(0.01);
  await soon(async () => Math.max(...(await look(caller)).colour)).toBeLessThan(30);
  await one.check("call-muted");
  await one.page.keyboard.press("F4");
  await one.page.keyboard.press("F7");
  await soon(async () => (await look(caller)).level).toBeGreaterThan(0.1);

  // Paused by us, then by them.
  await one.page.keyboard.press("F8");
  await one.page.getByText("Bild und Ton sind in beide Richtungen aus.").waitFor();
  await soon(async () => (await look(caller)).held).toBe(true);
  expect(await one.page.locator("video.other").isVisible()).toBe(false);
  await soon(async () => (await look(caller)).level).toBeLessThan(0.01);
  await one.check("call-paused");
  await one.page.keyboard.press("F8");
  await soon(async () => (await look(caller)).held).toBe(false);
  await one.page.locator("video.other").waitFor({ state: "visible" });
  const before = await one.look();
  expect(before.muted).toBe(false);
  await soon(async () => (await one.look()).frames).toBeGreaterThan(before.frames + 25);
  await soon(async () => (await one.look()).level).toBeGreaterThan(0.1);
  await caller.evaluate(() => window.caller.hold());
  await one.page.getByText("Die Person hat auf Pause gedrückt.").waitFor();
  // Not before the other side has heard of the pause.
  await soon(() => caller.evaluate(() => window.caller.unhold())).toBe(true);
  await one.page.locator("video.other").waitFor({ state: "visible" });

  // Over, by one key; and nothing of it is left.
  await one.page.keyboard.press("F10");
  await one.heading("Das Gespräch ist beendet");
  await soon(async () => (await look(caller)).states.at(-1)).toBe("ended remote");
  await one.isClean();
  expect(await one.page.content()).not.toMatch(/Geheim|Guten|Ausweis/);
  await one.check("wrap");
  // The exchange takes the outcome before the desk is free again: it belongs to this conversation.
  const counted = one.page.waitForResponse((response) => response.url().endsWith("/api/desk/outcome"));
  await one.page.keyboard.press("F2");
  expect((await counted).status()).toBe(204);
  await one.heading("Sie sind frei");
  await caller.context().close();
});

/** A PDF of so many pages, each with a black square. */
function pdf(pages: number): Buffer {
  const kids = Array.from({ length: pages }, (_, n) => `${4 + n} 0 R`).join(" ");
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids}] /Count ${pages} /MediaBox [0 0 200 300] >>`,
    "<< /Length 18 >>\nstream\n50 100 100 100 re f\nendstream",
    ...Array.from({ length: pages }, () => "<< /Type /Page /Parent 2 0 R /Contents 3 0 R /Resources << >> >>"),
  ];
  let text = "%PDF-1.7\n";
  const places = objects.map((object, n) => {
    const at = text.length;
    text += `${n + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(at).padStart(10, "0")} 00000 n \n`;
  });
  const table = text.length;
  const size = objects.length + 1;
  text += `xref\n0 ${size}\n0000000000 65535 f \n${places.join("")}`;
  return Buffer.from(`${text}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`);
}

/** Proves D3, D4, D6, T15: the clerk shows a PDF, page and pointer follow, by keyboard too; asks for a print and reads what the citizen
 * said; saves what came in by one press; and nothing of it is left on the page. */
test("papers go both ways and are gone after the call", async () => {
  const caller = await rung("ausweis", "Ausweis und Wohnsitz");
  await one.take();
  const papers = (): Promise<Papers> => caller.evaluate(() => window.caller.papers());
  const { page } = one;
  const file = { name: "Bescheid.pdf", mimeType: "application/pdf", buffer: pdf(2) };
  // The way of papers is open a moment after the call.
  await page.locator("#show-document:not([aria-disabled])").waitFor();
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("F2")]);
  await chooser.setFiles(file);
  await soon(papers).toMatchObject({
    received: [{ name: "Bescheid.pdf", bytes: file.buffer.length, whole: true }],
    shown: { id: 1, page: 1 },
  });
  await page.getByText("Seite 1 von 2").waitFor();
  await page.locator('canvas[data-drawn="yes"]').waitFor();
  const ink = await page.locator("canvas.page").evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const at = (x: number, y: number): number | undefined =>
      canvas.getContext("2d")?.getImageData(x * canvas.width, y * canvas.height, 1, 1).data[0];
    return [at(0.5, 0.5), at(0.1, 0.1)];
  });
  expect(ink).toEqual([0, 255]);
  await one.check("papers-shown");

  // Page and pointer follow.
  await page.keyboard.press("PageDown");
  await page.getByText("Seite 2 von 2").waitFor();
  await soon(async () => (await papers()).shown?.page).toBe(2);
  const canvas = page.locator("canvas.page");
  await canvas.hover({ position: { x: 10, y: 10 } });
  await soon(async () => (await papers()).point?.length).toBe(2);
  await page.getByRole("heading", { level: 1 }).hover();
  await soon(async () => (await papers()).point).toBeNull();
  await canvas.focus();
  await page.keyboard.press("ArrowRight");
  await soon(async () => (await papers()).point).toEqual([34_078, 32_768]);

  // Who takes in no screen is shown none.
  await page.keyboard.press("F6");
  await page.getByText("Dieses Terminal kann Ihren Bildschirm nicht zeigen.").waitFor();
  await page.getByRole("button", { name: "Schließen" }).click();

  // What is no document is not sent.
  await page.setInputFiles("#pick", { name: "Brief.pdf", mimeType: "application/pdf", buffer: Buffer.from("<html>") });
  await page.getByText("Diese Datei kann nicht gezeigt werden.").waitFor();
  await page.getByRole("button", { name: "Schließen" }).click();

  // Printing: the citizen is asked first.
  await page.getByRole("button", { name: "Dort drucken: Bescheid.pdf" }).click();
  await page.getByText("Die Person wird gefragt").waitFor();
  await soon(async () => (await papers()).asked).toBe(1);
  await caller.evaluate(() => window.caller.answer("declined"));
  await page.getByText("Die Person möchte keinen Ausdruck.").waitFor();

  // What comes in lies on the pile and is saved by one press.
  await caller.evaluate((content) => window.caller.offer("Geheimer Ausweis.pdf", content), [...pdf(1)]);
  await page.getByText("Ist da").waitFor();
  await one.check("papers-came");
  const [saved] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: /^Alles speichern/ }).click(),
  ]);
  expect(saved.suggestedFilename()).toMatch(/^Unterlagen .*\.zip$/);
  const files = unzipSync(readFileSync(await saved.path()));
  expect(Object.keys(files)).toEqual(["01 Geheimer Ausweis.pdf", "metadata.json"]);
  expect(Buffer.from(files["01 Geheimer Ausweis.pdf"] ?? []).equals(pdf(1))).toBe(true);
  expect(JSON.parse(Buffer.from(files["metadata.json"] ?? []).toString())).toMatchObject({ department: "ausweis" });

  await page.getByRole("button", { name: "Zurücknehmen: Bescheid.pdf" }).click();
  await soon(papers).toMatchObject({ received: [], shown: null });
  await page.keyboard.press("F10");
  await one.heading("Das Gespräch ist beendet");
  await one.isClean();
  expect(await page.content()).not.toMatch(/Geheim|Bescheid|blob:/);
  expect(await page.locator("canvas").count()).toBe(0);
  await caller.context().close();
});

/** Proves D4, T6, D6, T15: the clerk asks for a paper; reads how far it is, what keeps the scanner, and that the citizen does not want to;
 * can then ask again; looks at what came, page by page, and saves it; and nothing of it is left on the page. */
test("a paper is asked for, comes, and is looked at", async () => {
  const caller = await rung("ausweis", "Ausweis und Wohnsitz");
  await one.take();
  const { page } = one;
  const says = (...told: Parameters<typeof window.caller.scans>): Promise<void> =>
    caller.evaluate(([says, reason]) => window.caller.scans(says, reason), told);
  const request = async (): Promise<number | null> => (await caller.evaluate(() => window.caller.papers())).scan;
  const free = page.locator("#scan-there:not([aria-disabled])");
  await free.click();
  await page.getByText("Die Person wird gefragt, ob sie ein Papier scannen möchte.").waitFor();
  await soon(request).toBe(1);
  // One at a time.
  expect(await free.count()).toBe(0);
  await page.locator("#scan-there").dispatchEvent("click");
  await one.check("scan-asked");
  await says("declined", null);
  await page.getByText("Die Person möchte kein Papier schicken.").waitFor();
  expect(await request()).toBe(1);
  await free.click();
  await soon(request).toBe(2);
  await says("failed", "gone");
  await page.getByText("Es ist kein Papier gekommen.").waitFor();
  await page.getByText("Der Scanner ist nicht da.").waitFor();

  // By keyboard, through a jam, to the paper.
  await page.locator("#scan-there").focus();
  await page.keyboard.press("Enter");
  await soon(request).toBe(3);
  await says("agreed", null);
  await page.getByText("scannt gerade").waitFor();
  await says("hindered", "jam");
  await page.getByText("Im Scanner steckt Papier fest.").waitFor();
  await one.check("scan-hindered");
  expect(await free.count()).toBe(0);
  await says("agreed", null);
  await caller.evaluate((content) => window.caller.offer("Geheime Urkunde.pdf", content), [...pdf(2)]);
  await page.getByText("Ist da").waitFor();
  await says("sent", null);
  await page.getByText("Das Papier ist da.").waitFor();
  await free.waitFor();

  await page.getByRole("button", { name: "Ansehen: Geheime Urkunde.pdf" }).click();
  await page.locator('.looked canvas[data-drawn="yes"]').waitFor();
  await page.getByText("Seite 1 von 2").waitFor();
  const ink = await page.locator("canvas.page").evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const at = (x: number, y: number): number | undefined =>
      canvas.getContext("2d")?.getImageData(x * canvas.width, y * canvas.height, 1, 1).data[0];
    return [at(0.5, 0.5), at(0.1, 0.1)];
  });
  expect(ink).toEqual([0, 255]);
  await one.check("scan-looked");
  await page.keyboard.press("PageDown");
  await page.getByText("Seite 2 von 2").waitFor();
  // Nothing of it is shown at the terminal.
  expect((await caller.evaluate(() => window.caller.papers())).shown).toBeNull();
  await page.getByRole("button", { name: "Nicht mehr ansehen" }).click();
  expect(await page.locator("canvas.page").count()).toBe(0);
  await page.getByRole("button", { name: "Ansehen: Geheime Urkunde.pdf" }).click();
  const [saved] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: /^Alles speichern/ }).click(),
  ]);
  const files = unzipSync(readFileSync(await saved.path()));
  expect(Buffer.from(files["01 Geheime Urkunde.pdf"] ?? []).equals(pdf(2))).toBe(true);

  await page.keyboard.press("F10");
  await one.heading("Das Gespräch ist beendet");
  await one.isClean();
  expect(await page.content()).not.toMatch(/Geheim|Papier scannen|blob:/);
  expect(await page.locator("canvas").count()).toBe(0);
  await caller.context().close();
});

/** Proves D2: the caller ends; the clerk is told, says how it went, and goes on a break after it. */
test("a citizen ends the call", async () => {
  const caller = await rung("wohngeld", "Wohnung und Miete");
  await one.page.keyboard.press("F2");
  await one.heading("Gespräch: Wohnung und Miete");
  await soon(() => caller.evaluate(() => window.caller.open())).toBe(true);
  await caller.evaluate(() => window.caller.hangUp());
  await one.heading("Die Person hat das Gespräch beendet");
  await one.isClean();
  await one.page.getByLabel("In der Pause").check();
  await one.page.getByRole("button", { name: "Nicht erledigt" }).click();
  await one.heading("Sie sind in der Pause");
  await caller.context().close();
});

/** Proves D2: a caller who gives up while it rings is told of, and the desk stays free. */
test("a citizen gives up", async () => {
  const caller = await rung("ausweis", "Ausweis und Wohnsitz");
  await caller.evaluate(() => window.caller.hangUp());
  await one.page.getByText("Die Person hat aufgelegt").waitFor();
  await one.heading("Sie sind frei");
  await one.isClean();
  await one.check("left");
  await caller.context().close();
});

/** Proves D2, T2: all free desks ring; the one that takes the call has it, the other is told and stays free. */
test("two desks ring and one takes the call", async () => {
  const two = await stage.desk();
  await two.free("meldestelle-2");
  const caller = await rung("ausweis", "Ausweis und Wohnsitz");
  await two.heading("Ausweis und Wohnsitz");
  await two.take();
  await one.page.getByText("Ein anderer Platz hat das Gespräch angenommen.").waitFor();
  await one.heading("Sie sind frei");
  await one.isClean();
  await two.page.keyboard.press("F10");
  await two.heading("Das Gespräch ist beendet");
  two.isFaultless();
  await two.page.context().close();
  await caller.context().close();
});

/** Proves D2: who declines goes on a break, and the call rings on elsewhere. */
test("a call is declined", async () => {
  const two = await stage.desk();
  await two.free("meldestelle-2");
  const caller = await rung("ausweis", "Ausweis und Wohnsitz");
  await one.page.keyboard.press("F8");
  await one.heading("Sie sind in der Pause");
  await two.take();
  await two.page.keyboard.press("F10");
  await two.heading("Das Gespräch ist beendet");
  await two.page.context().close();
  await caller.context().close();
});

/** Proves D8: a call is handed to another department without queueing anew: its desk rings for the same ticket. */
test("a call is handed over", async () => {
  const watch = await terminal.take("ausweis");
  const caller = await stage.caller(terminal, watch);
  await one.heading("Ausweis und Wohnsitz");
  await one.take();
  await one.page.keyboard.press("F3");
  await one.page.getByRole("heading", { name: "An welche Stelle weitergeben?" }).waitFor();
  await one.page.getByRole("button", { name: "Familie und Kinder" }).waitFor();
  expect(await one.page.getByRole("button", { name: "Bauen" }).getAttribute("aria-disabled")).toBe("true");
  expect(await one.page.getByRole("button", { name: "Ausweis und Wohnsitz" }).count()).toBe(0);
  await one.check("hand-over");
  await one.page.keyboard.press("Escape");
  await one.page.getByRole("heading", { name: "Unterlagen" }).waitFor();
  await one.page.keyboard.press("F3");
  await one.page.getByRole("button", { name: "Familie und Kinder" }).click();
  await one.heading("Sie haben das Gespräch weitergegeben");
  await caller.context().close();
  const two = await stage.desk();
  await two.free("familie-1");
  await watch.until("called");
  const again = await stage.caller(terminal, watch);
  await two.heading("Familie und Kinder");
  await two.take();
  await two.page.keyboard.press("F10");
  await two.page.context().close();
  await again.context().close();
});

/** Proves D2: a conversation outlives the exchange; only afterwards the clerk signs in anew. */
test("the exchange falls during a call", async () => {
  const caller = await rung("ausweis", "Ausweis und Wohnsitz");
  await one.take();
  await exchange.kill();
  await one.page.getByText("Ihr Gespräch geht weiter.").waitFor();
  const before = (await one.look()).frames;
  await soon(async () => (await one.look()).frames).toBeGreaterThan(before + 25);
  await one.check("call-link-lost");
  await exchange.serve();
  await one.page.getByText("Ihre Anmeldung ist abgelaufen.").waitFor();
  await one.page.keyboard.press("F10");
  await one.page.getByText("Sie sind abgemeldet.").waitFor();
  await one.isClean();
  await caller.context().close();
});
