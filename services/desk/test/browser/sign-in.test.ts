// SPDX-License-Identifier: EUPL-1.2
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Exchange } from "./exchange.ts";
import { type Desk, Stage } from "./stage.ts";

let exchange: Exchange;
let stage: Stage;
const desks: Desk[] = [];

async function desk(size?: { width: number; height: number }): Promise<Desk> {
  const desk = await stage.desk(size);
  desks.push(desk);
  return desk;
}

beforeAll(async () => {
  exchange = await Exchange.start();
  stage = await Stage.open(exchange);
});

afterEach(async () => {
  for (const desk of desks.splice(0)) {
    desk.isFaultless();
    await desk.page.context().close();
  }
});

afterAll(async () => {
  await stage?.close();
  await exchange?.stop();
});

/** Proves D2, D7: a clerk signs in with a browser alone; a wrong password is told with the next step; the page asks nobody but the exchange. */
test("a clerk signs in and out", async () => {
  const one = await desk();
  const foreign: string[] = [];
  one.page.on("request", (request) => {
    if (!request.url().startsWith(exchange.origin)) {
      foreign.push(request.url());
    }
  });
  await one.heading("Anmelden");
  await one.check("sign-in");
  await one.signIn("meldestelle-1", "ein falsches Wort");
  await one.page.getByText("Arbeitsplatz oder Passwort stimmt nicht.").waitFor();
  expect(await one.page.getByLabel("Passwort", { exact: true }).inputValue()).toBe("");
  await one.check("sign-in-wrong");
  await one.signIn("meldestelle-1");
  await one.heading("Sie sind in der Pause");
  // Loaded anew, somebody is still signed in: the cookie is the browser's, no script sees it.
  await one.page.reload();
  await one.heading("Sie sind in der Pause");
  await one.isClean();
  await one.page.getByRole("button", { name: "Abmelden" }).click();
  await one.heading("Anmelden");
  await one.page.reload();
  await one.heading("Anmelden");
  expect(foreign).toEqual([]);
});

/** Proves D2: somebody who signs in to the same desk elsewhere ends this session, and the page says so. */
test("a desk has one clerk", async () => {
  const one = await desk();
  await one.signIn("meldestelle-1");
  await one.heading("Sie sind in der Pause");
  const two = await desk();
  await two.signIn("meldestelle-1");
  await two.heading("Sie sind in der Pause");
  // What is asked next is refused.
  await one.page.keyboard.press("F7");
  await one.page.getByText("Sie sind abgemeldet.").waitFor();
  await one.check("signed-out");
});

/** Proves D2: waiting people are seen by matter and time, never by who they are; presence is one key. */
test("who waits is seen", async () => {
  const one = await desk();
  await one.signIn("meldestelle-1");
  await one.page.getByText("Niemand wartet.").waitFor();
  await one.check("break");
  const watches = [];
  for (const [terminal, department] of [
    ["rathaus", "wohngeld"],
    ["dorfladen", "ausweis"],
    ["bibliothek", "kita"],
  ] as const) {
    watches.push(await (await exchange.terminal(terminal)).take(department));
  }
  const rows = one.page.getByRole("row");
  await one.page.getByText("2 Personen warten").waitFor();
  expect(await rows.allInnerTexts()).toEqual([
    expect.stringContaining("Anliegen"),
    expect.stringMatching(/^Wohnung und Miete\s+unter 1 Minute$/),
    expect.stringMatching(/^Ausweis und Wohnsitz\s+unter 1 Minute$/),
  ]);
  await one.check("waiting");
  expect(await one.page.content()).not.toMatch(/rathaus|dorfladen/);
  await one.page.keyboard.press("F7");
  await one.heading("Sie sind beschäftigt");
  await one.page.getByRole("button", { name: "In der Pause" }).click();
  await one.heading("Sie sind in der Pause");
  for (const watch of watches) {
    await watch.leave();
  }
  await one.page.getByText("Niemand wartet.").waitFor();
});

/** Proves D1: beside a line application, on half a screen or at 400 % (WCAG 1.4.10), the page is whole. */
test.each([
  { width: 683, height: 768 },
  { width: 320, height: 640 },
])("the page fits $width pixels", async (size) => {
  const one = await desk(size);
  await one.check(`sign-in-${size.width}`);
  await one.signIn("meldestelle-1");
  await one.heading("Sie sind in der Pause");
  await one.check(`break-${size.width}`);
});

/** Proves D2: a proxy that falls is told of and comes back by itself; an exchange that falls as well, and then says who has to sign in anew. */
test("a lost link is told and mended", async () => {
  const one = await desk();
  await one.free("meldestelle-1");
  exchange.killKamailio();
  const told = one.page.getByText("Die Verbindung zur Vermittlung ist unterbrochen.");
  await told.first().waitFor();
  await one.page.getByText("sobald jemand an der Reihe ist").waitFor();
  expect(await told.count()).toBe(0);
  // Somebody who comes now rings.
  const watch = await (await exchange.terminal("rathaus")).take("ausweis");
  await watch.until("called");
  await watch.leave();
  await exchange.kill();
  await told.first().waitFor();
  await one.check("link-lost");
  await exchange.serve();
  await one.page.getByText("Sie sind abgemeldet.").waitFor();
});
