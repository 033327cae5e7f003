// SPDX-License-Identifier: EUPL-1.2
/** A real identity provider (oidc-provider) on an address of its own on loopback: the one of the exchange's tests. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomInt, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { fingerprint } from "./exchange.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const script = here("../../../exchange/tests/peer/provider/provider.mjs");
const PORT = 9443;
const SECRET = "nur-fuer-Austausch-und-Anmeldung";

/** A provider that perhaps runs. */
export class Provider {
  readonly address = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(2, 255)}`;
  private readonly root = mkdtempSync(join(tmpdir(), "provider-"));
  private child: ChildProcess | null = null;

  /** Starts one for an exchange that is reached at `origin`. */
  static async start(origin: string): Promise<Provider> {
    const provider = new Provider();
    const [chain, key] = [provider.path("chain.pem"), provider.path("key.pem")];
    const made = [
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-subj",
      "/CN=provider",
      "-days",
      "2",
    ];
    const names = [`subjectAltName=IP:${provider.address}`, "basicConstraints=critical,CA:FALSE"];
    execFileSync(
      "openssl",
      ["req", "-x509", ...made, ...names.flatMap((name) => ["-addext", name]), "-keyout", key, "-out", chain],
      { stdio: "ignore" },
    );
    writeFileSync(provider.path("secret"), SECRET, { mode: 0o600 });
    const settings = {
      host: provider.address,
      port: PORT,
      name: provider.address,
      chain,
      key,
      client: "amtsnah",
      secret: SECRET,
      callbacks: [`${origin}/api/desk/provider/stadt/callback`],
      ends: [`${origin}/`],
      people: { anna: { groups: ["meldestelle"] }, carla: { groups: ["bauhof"] } },
    };
    const child = spawn(process.execPath, [script, JSON.stringify(settings)], {
      cwd: here("../.."),
      stdio: ["pipe", "pipe", "ignore"],
    });
    provider.child = child;
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    if (!line.startsWith("listens")) {
      throw new Error(line);
    }
    return provider;
  }

  /** As the configuration of an exchange says it. */
  get named(): string {
    return [
      "[authority.identity-provider]",
      `issuer = "https://${this.address}:${PORT}"`,
      'client = "amtsnah"',
      `secret = "${this.path("secret")}"`,
      `authority = "${this.path("chain.pem")}"`,
      'desks = { meldestelle = ["meldestelle-1"] }',
    ].join("\n");
  }

  /** The fingerprint of its key, as Chromium takes it. */
  get key(): string {
    return fingerprint(new X509Certificate(readFileSync(this.path("chain.pem"))).publicKey);
  }

  /** It ends; nobody finds it any more. */
  async end(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child !== null && child.exitCode === null) {
      child.kill();
      await once(child, "exit");
    }
  }

  /** The same, and nothing of it is left. */
  async stop(): Promise<void> {
    await this.end();
    rmSync(this.root, { recursive: true });
  }

  private path(name: string): string {
    return join(this.root, name);
  }
}
