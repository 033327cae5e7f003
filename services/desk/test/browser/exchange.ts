// SPDX-License-Identifier: EUPL-1.2
/** A real exchange with its Kamailio and coturn, on an address of its own on loopback; and terminals as they speak to it. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash, type KeyObject, randomInt } from "node:crypto";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { fileURLToPath } from "node:url";

export const DOMAIN = "exchange.test";
export const PASSWORD = "vier Worte sind leicht";
/** How long something may take that takes a moment: machines are slow when all tests run. */
export const DEADLINE = 20_000;
const HTTPS = 8080;
export const ORIGIN = `https://${DOMAIN}:${HTTPS}`;
const TERMINALS = 8443;
const ALWAYS = "{ mo = H, tu = H, we = H, th = H, fr = H, sa = H, su = H }".replaceAll("H", '["0:00-24:00"]');

const program = process.env["AMTSNAH_EXCHANGE"] ?? "/cache/target/dev/debug/exchange";
const built = fileURLToPath(new URL("../../dist", import.meta.url));

const DEPARTMENTS: readonly [id: string, name: string, hours: string][] = [
  ["ausweis", '{ de = "Ausweis und Wohnsitz", en = "ID card and residence" }', ALWAYS],
  ["wohngeld", '{ de = "Wohnung und Miete", en = "Housing and rent" }', ALWAYS],
  ["kita", '{ de = "Familie und Kinder", en = "Family and children" }', ALWAYS],
  ["bauamt", '{ de = "Bauen", en = "Building" }', "{}"],
];

/** What the exchange says of a ticket. */
export interface Ticket {
  readonly id: string;
  readonly uri: string;
  readonly phase: "waiting" | "called" | "ringing" | "talking";
}

/** An exchange. */
export class Exchange {
  readonly address = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(2, 255)}`;
  readonly origin = ORIGIN;
  private readonly root = mkdtempSync(join(tmpdir(), "desk-"));
  private child: ChildProcess | null = null;

  /** Starts one with two desks for papers and one for families; its authority may have an identity provider. */
  static async start(provider = ""): Promise<Exchange> {
    const exchange = new Exchange();
    // The system gives ports above 32768: those of relays lie below them.
    const control = await freePort();
    const departments = DEPARTMENTS.map(
      ([id, name, hours]) => `[[department]]\nid = "${id}"\nauthority = "stadt"\nname = ${name}\nhours = ${hours}\n`,
    );
    const desk = (id: string, served: string): string => `[[desk]]\nid = "${id}"\ndepartments = [${served}]\n`;
    const terminal = (id: string): string => `[[terminal]]\nid = "${id}"\nauthorities = ["stadt"]\n`;
    writeFileSync(
      exchange.path("exchange.toml"),
      [
        `[exchange]\ndomain = "${DOMAIN}"\naddress = "${exchange.address}"\nholidays = "none"`,
        `[ports]\nhttps = ${HTTPS}\ncontrol = ${control}\nrelay = [20000, 20063]`,
        "[limits]\nsip-requests = 500",
        '[[authority]]\nid = "stadt"\nkind = "municipality"\nname = "Stadt Weißbach an der Löbnitz"',
        provider,
        ...departments,
        desk("meldestelle-1", '"ausweis", "wohngeld"'),
        desk("meldestelle-2", '"ausweis", "wohngeld"'),
        desk("familie-1", '"kita"'),
        ...["rathaus", "dorfladen", "bibliothek"].map(terminal),
      ].join("\n"),
    );
    for (const desk of ["meldestelle-1", "meldestelle-2", "familie-1"]) {
      exchange.run(["password", desk], PASSWORD);
    }
    await exchange.serve();
    return exchange;
  }

  /** Runs it until it listens. */
  async serve(): Promise<void> {
    const child = spawn(program, [...this.places(), "serve", "--page", built], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, RUST_LOG: "debug,sqlx=warn,hyper=warn" },
    });
    this.child = child;
    const log = createWriteStream(this.path("log"), { flags: "a" });
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    for (const port of [HTTPS, TERMINALS, 8444]) {
      await this.reach(port);
    }
  }

  /** Cut off, as if the power were. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Kamailio falls, with all its processes; the exchange starts it anew. */
  killKamailio(): void {
    for (const id of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        const line = readFileSync(`/proc/${id}/cmdline`, "utf8");
        if (line.includes("kamailio") && line.includes(this.root) && Number(id) !== this.child?.pid) {
          process.kill(Number(id), "SIGKILL");
        }
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  /** Ends it, and removes what it kept. */
  async stop(): Promise<void> {
    await this.end("SIGTERM");
    rmSync(this.root, { recursive: true });
  }

  /** The fingerprint of its key, as Chromium takes it. */
  async key(): Promise<string> {
    const socket = connectTls({ ...this.to(HTTPS, ""), path: undefined });
    await once(socket, "secureConnect");
    const key = socket.getPeerX509Certificate()?.publicKey;
    socket.destroy();
    return fingerprint(key);
  }

  /** What it said. */
  log(): string {
    return readFileSync(this.path("log"), "utf8");
  }

  /** A terminal that is enrolled now. */
  async terminal(id: string): Promise<Terminal> {
    const code = this.run(["enrol", id]).trim();
    const [key, csr] = [this.path(`${id}.key`), this.path(`${id}.csr`)];
    const options = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=whoever"];
    execFileSync("openssl", ["req", "-new", ...options, "-keyout", key, "-out", csr], { stdio: "ignore" });
    const body = { terminal: id, code, request: readFileSync(csr, "utf8") };
    const answer = (await this.ask("POST", HTTPS, "/enrol", body, {})) as { certificate: string };
    return new Terminal(this, { cert: answer.certificate, key: readFileSync(key, "utf8") });
  }

  /** Asks with TLS as the exchange's authority vouches for it. */
  async ask(method: string, port: number, path: string, body: unknown, identity: object): Promise<unknown> {
    const sent = request({
      ...this.to(port, path),
      ...identity,
      method,
      headers: { "content-type": "application/json" },
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = (await once(sent, "response")) as [import("node:http").IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) {
      chunks.push(chunk as Buffer);
    }
    const text = Buffer.concat(chunks).toString();
    if ((response.statusCode ?? 500) >= 300) {
      throw new Error(`${method} ${path}: ${response.statusCode} ${text}`);
    }
    return text === "" ? null : JSON.parse(text);
  }

  /** Where a request goes. */
  to(port: number, path: string): object {
    const ca = readFileSync(this.path("state/authority.pem"));
    return { host: this.address, servername: DOMAIN, port, path, ca, agent: false };
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child !== null && child.exitCode === null) {
      child.kill(signal);
      await once(child, "exit");
    }
  }

  private path(name: string): string {
    return join(this.root, name);
  }

  private places(): string[] {
    return ["--config", this.path("exchange.toml"), "--state", this.path("state")];
  }

  private run(command: string[], input = ""): string {
    return execFileSync(program, [...this.places(), ...command], {
      input,
      encoding: "utf8",
      stdio: ["pipe", "pipe", "pipe"],
    });
  }

  /** There is no event for another process's listening: connecting is asking. */
  private async reach(port: number): Promise<void> {
    const end = Date.now() + DEADLINE;
    for (;;) {
      const socket = connect({ host: this.address, port });
      try {
        await once(socket, "connect");
        return;
      } catch (error) {
        if (Date.now() > end || this.child?.exitCode !== null) {
          throw new Error(`nobody listens on ${port}\n${this.log()}`, { cause: error });
        }
      } finally {
        socket.destroy();
      }
    }
  }
}

/** The fingerprint of a key, as Chromium takes it. */
export function fingerprint(key: KeyObject | undefined): string {
  return createHash("sha256")
    .update(key?.export({ type: "spki", format: "der" }) ?? "")
    .digest("base64");
}

/** A terminal: what it asks of the exchange. Its calls are a page's (`caller.ts`). */
export class Terminal {
  constructor(
    private readonly exchange: Exchange,
    private readonly identity: object,
  ) {}

  /** Its account for calls. */
  async account(): Promise<unknown> {
    return this.exchange.ask("GET", TERMINALS, "/api/terminal/account", undefined, this.identity);
  }

  /** Takes a ticket, and watches it from now on. */
  async take(department: string): Promise<Watch> {
    const ticket = await this.exchange.ask("POST", TERMINALS, "/api/terminal/tickets", { department }, this.identity);
    return new Watch(this.exchange, this.identity, ticket as Ticket);
  }
}

/** A ticket that is watched. */
export class Watch {
  private phase: string;
  private readonly stream: import("node:http").ClientRequest;
  private readonly wakes = new Set<() => void>();

  constructor(
    private readonly exchange: Exchange,
    private readonly identity: object,
    readonly ticket: Ticket,
  ) {
    this.phase = ticket.phase;
    const path = `/api/terminal/tickets/${ticket.id}`;
    this.stream = request({ ...exchange.to(TERMINALS, path), ...identity, headers: { accept: "text/event-stream" } });
    this.stream.on("error", () => undefined);
    this.stream.on("response", (response) => {
      response.on("error", () => undefined);
      response.on("data", (chunk: Buffer) => {
        for (const [, phase] of chunk.toString().matchAll(/"phase":"([a-z]+)"/g)) {
          this.phase = phase ?? "";
        }
        if (chunk.toString().includes("event: over")) {
          this.phase = "over";
        }
        for (const wake of this.wakes) {
          wake();
        }
      });
    });
    this.stream.end();
  }

  /** Waits until the ticket is in this phase. */
  async until(phase: Ticket["phase"] | "over"): Promise<void> {
    const signal = AbortSignal.timeout(DEADLINE);
    while (this.phase !== phase) {
      await new Promise<void>((done, failed) => {
        const wake = (): void => {
          this.wakes.delete(wake);
          done();
        };
        this.wakes.add(wake);
        signal.addEventListener("abort", () =>
          failed(new Error(`still ${this.phase}, not ${phase}\n${this.exchange.log()}`)),
        );
      });
    }
  }

  /** Gives the ticket back. */
  async leave(): Promise<void> {
    this.stream.destroy();
    const path = `/api/terminal/tickets/${this.ticket.id}`;
    await this.exchange.ask("DELETE", TERMINALS, path, undefined, this.identity).catch(() => undefined);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
