// SPDX-License-Identifier: EUPL-1.2
//! `cargo os`: everything that can be done with this checkout, on a host that has nothing but Rust.

mod artefacts;
mod bench;
mod borrowed;
mod build;
mod cache;
mod cause;
mod checkout;
mod children;
mod clean;
mod cli;
mod clock;
mod desk;
mod doctor;
mod enrolment;
mod enter;
mod error;
mod exchange;
mod fetch;
mod gallery;
mod host;
mod keys;
mod lock;
mod measure;
mod mirror;
mod packages;
mod progress;
mod recipes;
mod repo;
mod resolve;
mod results;
mod run;
mod sbom;
mod suites;
mod supply;
mod target;
mod toolbox;
mod verify;
mod wants;

use std::process::ExitCode;

use clap::Parser as _;
use serde_json::json;

use crate::build::Conditions;
use crate::cache::Cache;
use crate::checkout::Checkout;
use crate::cli::{Cli, Command};
use crate::error::{FileContext as _, Result};
use crate::keys::Keys;
use crate::lock::Lock;
use crate::mirror::Mirrors;
use crate::progress::Progress;
use crate::supply::Policy;
use crate::toolbox::Toolbox;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(&cli) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            if cli.json {
                println!("{}", progress::failure(&error));
            } else {
                error.report();
            }
            ExitCode::FAILURE
        }
    }
}

/// What every command works with.
struct Session {
    checkout: Checkout,
    cache: Cache,
    progress: Progress,
}

impl Session {
    fn toolbox(&self, policy: Policy) -> Result<Toolbox> {
        Toolbox::ready(&self.checkout, &self.cache, policy, &self.progress)
    }

    fn keys(&self, cli: &Cli, toolbox: &Toolbox) -> Result<Keys> {
        Keys::ready(cli.keys.as_deref(), &self.cache, toolbox, &self.progress)
    }
}

/// Does what was asked; false when it was done and the answer is no.
fn dispatch(cli: &Cli) -> Result<bool> {
    children::end_on_signals()?;
    let checkout = Checkout::find()?;
    let cache = Cache::open()?;
    let progress = Progress::new(cache.clone(), cli.json);
    let session = Session {
        checkout,
        cache,
        progress,
    };
    let Session {
        checkout,
        cache,
        progress,
    } = &session;
    match &cli.command {
        Command::Build(options) => build_command(&session, cli, options),
        Command::Run(options) if options.flavour == exchange::NAME => {
            exchange::run(&session.toolbox(Policy::Nearest)?, options, progress)
        }
        Command::Run(options) => {
            build::check_flavour(checkout, &options.flavour)?;
            let toolbox = session.toolbox(Policy::Nearest)?;
            let keys = session.keys(cli, &toolbox)?;
            run::run(&toolbox, &keys, options, progress)
        }
        Command::Test(options) => suites::run(cli, options, checkout, cache, progress),
        Command::Bench(options) => {
            let toolbox = session.toolbox(Policy::Nearest)?;
            let figures = bench::screen(&toolbox, options, progress)?;
            progress.result(&figures.table(), &figures.object());
            Ok(true)
        }
        Command::Gallery(options) => {
            let toolbox = session.toolbox(Policy::Nearest)?;
            let page = gallery::make(&toolbox, options.all, progress)?;
            progress.result(&page.display().to_string(), &json!({"page": page}));
            Ok(true)
        }
        Command::Verify(flavour) => {
            build::check_flavour(checkout, &flavour.name)?;
            let toolbox = session.toolbox(Policy::Exact)?;
            let keys = session.keys(cli, &toolbox)?;
            verify::verify(&toolbox, &keys, &flavour.name, progress)
        }
        Command::Lock(options) => lock_command(&session, options),
        Command::Keys => {
            let toolbox = session.toolbox(Policy::Nearest)?;
            let keys = session.keys(cli, &toolbox)?;
            let prints = keys.fingerprints(&toolbox)?;
            let table = format!("{}\n{}", keys.dir().display(), artefacts::table(&prints));
            progress.result(&table, &json!({"directory": keys.dir(), "sha256": prints}));
            Ok(true)
        }
        Command::Doctor => doctor::doctor(cache, progress),
        Command::Clean(options) => clean::clean(checkout, cache, options.all, progress),
        Command::Toolbox(inside) => {
            let toolbox = session.toolbox(Policy::Nearest)?;
            let (program, arguments) = inside
                .command
                .split_first()
                .map_or(("bash", &[][..]), |(p, a)| (p.as_str(), a));
            let enter = toolbox.develop()?.writable();
            Ok(children::interactive(enter.command(program)?.args(arguments))?.success())
        }
    }
}

fn build_command(session: &Session, cli: &Cli, options: &cli::Build) -> Result<bool> {
    build::check_flavour(&session.checkout, &options.flavour)?;
    let toolbox = session.toolbox(Policy::Nearest)?;
    let keys = session.keys(cli, &toolbox)?;
    let progress = &session.progress;
    let built = build::build(
        &toolbox,
        &keys,
        &options.flavour,
        &Conditions::usual(),
        progress,
    )?;
    let mut object = built.artefacts.object();
    object["directory"] = json!(built.dir);
    object["locked"] = json!(toolbox.exact);
    object["seconds"] =
        json!({"compile": built.seconds[0].round(), "image": built.seconds[1].round()});
    let mut table = format!(
        "{}\n{}",
        built.dir.display(),
        built.artefacts.table(Some(built.seconds))
    );
    let root_hash = &built.artefacts.root_hash;
    if options.measure {
        measure::measure(&toolbox, &keys, &options.flavour, &built.dir, progress)?
            .keep(&session.cache, root_hash)?;
    }
    if let Some(figures) = measure::known(&session.cache, root_hash)? {
        table.push_str(&figures.table());
        object["figures"] = figures.object();
    } else {
        let line = format!(
            "boot times, instructions and memory of this image: `cargo os build {} --measure`\n",
            options.flavour
        );
        table.push_str(&line);
    }
    progress.result(&table, &object);
    Ok(true)
}

fn lock_command(session: &Session, options: &cli::Lock) -> Result<bool> {
    let Session {
        checkout,
        cache,
        progress,
    } = session;
    let path = checkout.lock();
    if !options.update && !options.add {
        let supply = supply::provide(checkout, cache, Policy::Exact, progress)?;
        let all = supply::all(&supply.lock);
        progress.stage("verify packages", |_| supply.store.verify(&all))?;
        let object = json!({"date": supply.lock.date(), "packages": all.len(), "changed": []});
        progress.result(
            &format!(
                "{} packages of {} are as locked",
                all.len(),
                supply.lock.date()
            ),
            &object,
        );
        return Ok(true);
    }
    let old = Lock::read(&path).unwrap_or_default();
    let mirrors = Mirrors::of_host()?;
    let wants = (&*wants::toolbox(checkout)?, &*wants::image(checkout)?);
    let keep = options.add.then_some(&old);
    let new = resolve::lock(cache, &mirrors, keep, wants, progress)?;
    let mut changed: Vec<String> = lock::moved(&old.toolbox, &new.toolbox);
    changed.extend(lock::moved(&old.image, &new.image));
    changed.sort();
    changed.dedup();
    let partial = path.with_extension("partial");
    std::fs::write(&partial, new.format()).at("write", &partial)?;
    std::fs::rename(&partial, &path).at("rename", &partial)?;
    let count = supply::all(&new).len();
    let table = format!(
        "{}\n{count} packages of {}, {} changed",
        // The first lock is all new, which is no news.
        if old == Lock::default() {
            String::new()
        } else {
            changed.join("\n")
        },
        new.date(),
        changed.len()
    );
    progress.result(
        table.trim_start(),
        &json!({"date": new.date(), "packages": count, "changed": changed}),
    );
    Ok(true)
}
