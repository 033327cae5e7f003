// SPDX-License-Identifier: EUPL-1.2
/** Debian's Chromium with the clerk's page, and with a caller beside it. */

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { expect } from "vitest";
import { DEADLINE, DOMAIN, type Exchange, PASSWORD, type Terminal, type Watch } from "./exchange.ts";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** Where pictures of all screens go, if somebody wants them. */
const pictures = process.env["DESK_PICTURES"];

/** What a window of the line application is called. */
export const PROCEDURE = "Fachverfahren der Probe";

/** A browser and what is open in it. */
export class Stage {
  private constructor(
    private readonly browser: Browser,
    private readonly exchange: Exchange,
    private readonly callerScript: string,
  ) {}

  /** Starts Chromium with a camera and a microphone that it makes up. It takes certificates of `known` keys beside the exchange's. */
  static async open(exchange: Exchange, ...known: string[]): Promise<Stage> {
    const browser = await chromium.launch({
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      // The toolbox has one user. Nothing but the page of this test is opened.
      chromiumSandbox: false,
      args: [
        `--ignore-certificate-errors-spki-list=${[await exchange.key(), ...known].join(",")}`,
        `--host-resolver-rules=MAP ${DOMAIN} ${exchange.address}`,
        "--use-fake-device-for-media-stream",
        // What a clerk would choose in the browser's own dialogue.
        `--auto-select-tab-capture-source-by-title=${PROCEDURE}`,
        "--disable-features=WebRtcHideLocalIpsWithMdns",
        "--allow-loopback-in-peer-connection",
      ],
    });
    return new Stage(browser, exchange, await callerScript());
  }

  /** A window with the clerk's page. */
  async desk(size = { width: 1366, height: 768 }): Promise<Desk> {
    const context = await this.context(size);
    await context.addInitScript(() => {
      // What the page was given of camera and microphone: all of it has to end.
      const given: MediaStreamTrack[] = [];
      if (!window.isSecureContext) {
        // The empty page that a new window begins with.
        return;
      }
      const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (constraints) => {
        const stream = await real(constraints);
        given.push(...stream.getTracks());
        return stream;
      };
      const screen = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getDisplayMedia = async (constraints) => {
        const stream = await screen(constraints);
        given.push(...stream.getTracks());
        return stream;
      };
      Object.assign(window, { given });
    });
    const page = await context.newPage();
    // From the beginning: the browser hears of it by another way than of keys, and one pressed right afterwards may overtake it.
    page.on("filechooser", () => undefined);
    const desk = new Desk(page, faultsOf(page));
    await page.goto(this.exchange.origin);
    return desk;
  }

  /** A window that calls a ticket. */
  async caller(terminal: Terminal, watch: Watch): Promise<Page> {
    const context = await this.context({ width: 640, height: 480 });
    const page = await context.newPage();
    // On the exchange's own page, with its policy: Kamailio takes no browser from elsewhere.
    await page.goto(this.exchange.origin);
    await page.evaluate(this.callerScript);
    await watch.until("called");
    await page.evaluate(
      ([account, to]) => window.caller.call(account as Parameters<typeof window.caller.call>[0], to as string),
      [await terminal.account(), watch.ticket.uri],
    );
    return page;
  }

  /** Closes everything. */
  async close(): Promise<void> {
    await this.browser.close();
  }

  private async context(viewport: { width: number; height: number }): Promise<BrowserContext> {
    const context = await this.browser.newContext({ viewport, reducedMotion: "reduce" });
    context.setDefaultTimeout(DEADLINE);
    await context.grantPermissions(["camera", "microphone"], { origin: this.exchange.origin });
    return context;
  }
}

/** What goes wrong in a page from now on: no script's error, nothing that the policy had to refuse. */
function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource|WebSocket connection/.test(message.text())) {
      faults.push(message.text());
    }
  });
  return faults;
}

/** The clerk's page, as a clerk uses it. */
export class Desk {
  constructor(
    readonly page: Page,
    private readonly faults: string[],
  ) {}

  /** Signs in. */
  async signIn(desk: string, password = PASSWORD): Promise<void> {
    await this.page.getByLabel(/^(Arbeitsplatz|Desk)$/).fill(desk);
    await this.page.getByLabel(/^(Passwort|Password)$/).fill(password);
    await this.page.keyboard.press("Enter");
  }

  /** Signs in and waits to be free; everything is connected then. */
  async free(desk: string): Promise<void> {
    await this.signIn(desk);
    await this.heading(/^Sie sind/);
    await this.page.keyboard.press("F4");
    await this.heading("Sie sind frei");
    await this.page.getByText("sobald jemand an der Reihe ist").waitFor();
  }

  /** Begins to practise, by keyboard: the page that plays a terminal, which is looked at in the same way. */
  async practise(): Promise<Desk> {
    const [page] = await Promise.all([this.page.waitForEvent("popup"), this.page.keyboard.press("F9")]);
    const tab = new Desk(page, faultsOf(page));
    await tab.heading(/^(Sie spielen die Person|You play the person)/);
    await this.heading(/^(Sie üben|You are practising)$/);
    return tab;
  }

  /** Waits for a screen. */
  async heading(name: string | RegExp): Promise<void> {
    await this.page.getByRole("heading", { level: 1, name }).waitFor();
  }

  /** Opens a window of the line application beside the page: green on the left, yellow on the right. */
  async procedure(): Promise<Page> {
    const page = await this.page.context().newPage();
    const half = (colour: string): string => `<div style="flex: 1; background: ${colour}"></div>`;
    await page.setContent(
      `<title>${PROCEDURE}</title><body style="margin: 0; display: flex; height: 100vh">${half("#00bf00")}${half("#bfbf00")}`,
    );
    await this.page.bringToFront();
    return page;
  }

  /** Takes the call that rings. */
  async take(): Promise<void> {
    await this.page.getByRole("button", { name: "Annehmen" }).click();
    await this.heading(/^Gespräch: /);
    await this.page.locator("video.other").waitFor({ state: "visible" });
  }

  /** WCAG 2.2 AA in both languages, nothing that has to be scrolled sideways, and a picture for whoever wants one. */
  async check(name: string): Promise<void> {
    for (const language of ["de", "en"]) {
      expect(await this.page.locator("html").getAttribute("lang")).toBe(language);
      await this.page.evaluate(axeSource);
      const found = await this.page.evaluate(async () => {
        const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
          runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
        });
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
      });
      expect(found, `${name}, ${language}`).toEqual([]);
      const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wide, `${name} is too wide`).toBeLessThanOrEqual(0);
      if (pictures !== undefined) {
        mkdirSync(pictures, { recursive: true });
        await this.page.screenshot({ path: `${pictures}/${name}-${language}.png` });
      }
      await this.page.locator("#language").click();
    }
  }

  /** How many screens are given to the page. */
  async screens(): Promise<number> {
    return this.page.evaluate(
      () =>
        (window as unknown as { given: MediaStreamTrack[] }).given.filter(
          (track) => track.readyState === "live" && "displaySurface" in track.getSettings(),
        ).length,
    );
  }

  /** Nothing is kept in the browser, and no device is open. */
  async isClean(): Promise<void> {
    const kept = await this.page.evaluate(async () => ({
      local: localStorage.length,
      session: sessionStorage.length,
      databases: (await indexedDB.databases()).length,
      caches: (await caches.keys()).length,
      workers: (await navigator.serviceWorker.getRegistrations()).length,
      cookies: document.cookie,
      open: (window as unknown as { given: MediaStreamTrack[] }).given.filter((track) => track.readyState === "live")
        .length,
      videos: document.querySelectorAll("video").length,
    }));
    expect(kept).toEqual({
      local: 0,
      session: 0,
      databases: 0,
      caches: 0,
      workers: 0,
      cookies: "",
      open: 0,
      videos: 0,
    });
  }

  /** Nothing went wrong that nobody saw: no script's error, nothing that the policy had to refuse. */
  isFaultless(): void {
    expect(this.faults).toEqual([]);
  }

  /** What is seen and heard of the other side: the colours left and right, how many frames there were, how loud it is. */
  async look(): Promise<{ left: number[]; right: number[]; frames: number; level: number; muted: boolean }> {
    return this.page.locator("video.other").evaluate(async (element) => {
      const video = element as HTMLVideoElement;
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [16, 16];
      const context = canvas.getContext("2d") as CanvasRenderingContext2D;
      context.drawImage(video, 0, 0, 16, 16);
      const pixel = (x: number): number[] => [...context.getImageData(x, 3, 1, 1).data.slice(0, 3)];
      const audio = new AudioContext();
      const analyser = audio.createAnalyser();
      audio.createMediaStreamSource(video.srcObject as MediaStream).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      for (let n = 0; n < 10; n += 1) {
        await new Promise(requestAnimationFrame);
      }
      analyser.getFloatTimeDomainData(samples);
      await audio.close();
      const { totalVideoFrames } = video.getVideoPlaybackQuality();
      const level = Math.max(...samples.map(Math.abs));
      return { left: pixel(3), right: pixel(12), frames: totalVideoFrames, level, muted: video.muted };
    });
  }
}

/** The caller's page as one script. */
async function callerScript(): Promise<string> {
  const output = await build({
    configFile: here("../../vite.config.ts"),
    logLevel: "warn",
    publicDir: false,
    build: {
      write: false,
      minify: false,
      rolldownOptions: { input: here("caller.ts") },
      lib: { entry: here("caller.ts"), formats: ["iife"], name: "callerPage" },
    },
  });
  const results = (Array.isArray(output) ? output : [output]) as { output: { code?: string }[] }[];
  return results[0]?.output[0]?.code ?? "";
}
