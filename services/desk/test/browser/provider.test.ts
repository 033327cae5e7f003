// SPDX-License-Identifier: EUPL-1.2
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Exchange, ORIGIN } from "./exchange.ts";
import { Provider } from "./provider.ts";
import { type Desk, Stage } from "./stage.ts";

let provider: Provider;
let exchange: Exchange;
let stage: Stage;
const desks: Desk[] = [];

async function desk(size?: { width: number; height: number }): Promise<Desk> {
  const desk = await stage.desk(size);
  desks.push(desk);
  return desk;
}

/** A person at the provider's page, by keyboard. */
async function prove(desk: Desk, name: string): Promise<void> {
  await desk.heading("Konto der Verwaltung");
  await desk.page.keyboard.type(name);
  await desk.page.keyboard.press("Enter");
}

beforeAll(async () => {
  provider = await Provider.start(ORIGIN);
  exchange = await Exchange.start(provider.named);
  stage = await Stage.open(exchange, provider.key);
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
  await provider?.stop();
});

/**
 * Proves D2, D7: a clerk signs in with the account of the authority, by keyboard alone and with a browser alone, is free and rung as with a
 * password, and signs out at the provider too.
 */
test("a clerk signs in with the account of the authority", async () => {
  const one = await desk();
  await one.heading("Anmelden");
  // It is the first thing that the keyboard meets, and the password is still there.
  expect(await one.page.evaluate(() => document.activeElement?.id)).toBe("provider");
  await one.page.getByLabel("Passwort", { exact: true }).waitFor();
  await one.check("sign-in-provider");
  await one.page.locator("#provider").focus();
  await one.page.keyboard.press("Enter");
  await prove(one, "anna");
  await one.heading("Sie sind in der Pause");
  await one.page.getByText(/^Amtsnah Angemeldet: meldestelle-1 \(anna@/).waitFor();
  expect(new URL(one.page.url()).href).toBe(`${ORIGIN}/`);
  await one.check("provider-break");
  await one.page.keyboard.press("F4");
  await one.heading("Sie sind frei");
  await one.page.getByText("sobald jemand an der Reihe ist").waitFor();
  const watch = await (await exchange.terminal("rathaus")).take("ausweis");
  await watch.until("called");
  await watch.leave();
  // Loaded anew, they are still signed in, and it still says who it is.
  await one.page.reload();
  await one.page.getByText(/meldestelle-1 \(anna@/).waitFor();
  await one.page.keyboard.press("F7");
  await one.heading("Sie sind beschäftigt");
  await one.isClean();
  await one.page.getByRole("button", { name: "Abmelden" }).click();
  // There the provider asks, and sends the browser back.
  await one.page.getByRole("button", { name: "Ja" }).click();
  await one.heading("Anmelden");
  await one.page.reload();
  await one.heading("Anmelden");
  // Signed out there too: who comes next has to say who they are.
  await one.page.locator("#provider").click();
  await one.heading("Konto der Verwaltung");
});

/** Proves D2: whoever is not signed in comes back to the sign-in page, reads why and what to do in both languages, once. */
test("who is not signed in is told why", async () => {
  const one = await desk();
  await one.page.getByRole("link", { name: "Mit dem Konto der Verwaltung anmelden" }).click();
  await prove(one, "carla");
  await one.page.getByRole("alert").getByText("Zu Ihrem Konto gehört kein Arbeitsplatz.").waitFor();
  expect(new URL(one.page.url()).search).toBe("");
  await one.check("sign-in-no-desk");
  await one.page.reload();
  await one.heading("Anmelden");
  expect(await one.page.getByRole("alert").count()).toBe(0);
  // Carla is still known there: another person would have to be asked for.
  const two = await desk({ width: 320, height: 640 });
  await two.page.locator("#provider").click();
  await two.heading("Konto der Verwaltung");
  await two.page.getByRole("button", { name: "Abbrechen" }).click();
  await two.page.getByText("wurde abgebrochen oder hat abgelehnt").waitFor();
  await two.check("sign-in-refused-320");
  // Desks with passwords go on.
  await two.signIn("meldestelle-2");
  await two.heading("Sie sind in der Pause");
});

/** Proves D2: where the provider is away, that is said, and who is signed in stays so. */
test("a provider that is away is told", async () => {
  const one = await desk();
  await one.page.locator("#provider").click();
  await prove(one, "anna");
  await one.heading("Sie sind in der Pause");
  await provider.end();
  await one.page.keyboard.press("F7");
  await one.heading("Sie sind beschäftigt");
  const two = await desk();
  await two.heading("Anmelden");
  // An exchange that begins knows nothing of it any more.
  await exchange.kill();
  await exchange.serve();
  await two.page.locator("#provider").click();
  await two.page.getByText("Die Anmeldung der Verwaltung antwortet nicht.").waitFor();
  await two.check("sign-in-away");
  await two.signIn("meldestelle-2");
  await two.heading("Sie sind in der Pause");
});
