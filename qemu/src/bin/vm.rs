// SPDX-License-Identifier: EUPL-1.2
//! `vm`: a built flavour on this screen, over VNC, or headless until a stage is reached. `cargo os run` starts it in the toolbox.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use qemu::{Deadline, Display, Error, Machine, Outcome, Pointer, Result, Rgb, Stage, State, Vm};
use serde_json::json;

/// Room for the second slot and `/var`, beside the image; sparse.
const DISK_BYTES: u64 = 4 << 30;
/// The screen's paper, which nothing before the compositor shows.
const PAPER: Rgb = [0xfa, 0xf7, 0xf0];

/// Starts a built flavour in a virtual machine with Secure Boot and a TPM.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
struct Args {
    /// The flavour: `terminal` or `case`.
    #[arg(long)]
    flavour: String,
    /// The folder with the built image.
    #[arg(long)]
    image: PathBuf,
    /// Where the machine keeps its disk, firmware variables and TPM from one run to the next; measured machines keep nothing.
    #[arg(long, required_unless_present = "measure")]
    state: Option<PathBuf>,
    /// No window and no VNC.
    #[arg(long)]
    headless: bool,
    /// Wait for this stage, then switch off.
    #[arg(long, value_enum)]
    until: Option<Until>,
    /// Store the screen in this PNG file when the stage is reached.
    #[arg(long)]
    screenshot: Option<PathBuf>,
    /// How long a stage may take, in seconds. The first boot makes keys and the data volume.
    #[arg(long, default_value_t = 420)]
    deadline: u64,
    /// Begin with a factory-new machine.
    #[arg(long)]
    fresh: bool,
    /// The port for VNC on the loopback address.
    #[arg(long, default_value_t = 5901)]
    vnc_port: u16,
    /// Boot a factory-new machine three times, print the figures as JSON, and end (`cargo os build --measure`).
    #[arg(long)]
    measure: bool,
    /// Write one JSON object a line, as `cargo os --json` does.
    #[arg(long)]
    json: bool,
}

/// What can be waited for.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Until {
    /// The kernel was started by a signed boot loader.
    Kernel,
    /// The main system was entered.
    System,
    /// The shell's first frame is on the screen.
    Shell,
}

impl Until {
    fn stage(self) -> Stage {
        match self {
            Self::Kernel => Stage::Kernel,
            Self::System => Stage::System,
            Self::Shell => Stage::Shell,
        }
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if args.json {
                println!(
                    "{}",
                    json!({ "event": "error", "message": error.to_string() })
                );
            }
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Outcome {
    let image = disk_image(&args.image)?;
    if args.measure {
        return print_figures(args, &image);
    }
    let state = match &args.state {
        Some(folder) => kept(folder, args.fresh, &image)?,
        None => flashed(State::fresh(&image)?)?,
    };
    let display = if args.headless {
        Display::None
    } else if ["WAYLAND_DISPLAY", "DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some())
    {
        Display::Window
    } else {
        Display::Vnc(args.vnc_port)
    };
    match &display {
        _ if args.json => println!(
            "{}",
            json!({ "event": "display", "vnc_port": vnc_port(display) })
        ),
        Display::Window => println!(
            "The {} opens in a window; close it to switch off.",
            args.flavour
        ),
        Display::Vnc(port) => println!(
            "The {} is on VNC: open vnc://127.0.0.1:{port} (for example `vncviewer 127.0.0.1::{port}`); Ctrl-C switches it off.",
            args.flavour
        ),
        Display::None => {}
    }
    let pointer = match display {
        Display::None => Pointer::Touch,
        // A mouse is no finger: QEMU hands it to the tablet only.
        Display::Window | Display::Vnc(_) => Pointer::Both,
    };
    let vm = Machine::new(&args.flavour, state)
        .display(display)
        .pointer(pointer)
        .start()?;
    match args.until {
        Some(until) => wait(args, &vm, until.stage()),
        None => vm.wait_off(Deadline::never()).map(drop),
    }
}

/// Where to look with a VNC viewer, on the loopback address.
fn vnc_port(display: Display) -> Option<u16> {
    match display {
        Display::Vnc(port) => Some(port),
        Display::Window | Display::None => None,
    }
}

fn print_figures(args: &Args, image: &Path) -> Outcome {
    let deadline = Deadline::secs(4 * args.deadline);
    let figures = qemu::measure(&args.flavour, image, DISK_BYTES, deadline)?;
    println!(
        "{}",
        json!({
            "first_boot_seconds": figures.first_boot.as_secs_f64(),
            "firmware_seconds": figures.firmware.as_secs_f64(),
            "second_boot_seconds": figures.second_boot.as_secs_f64(),
            "instructions": figures.instructions,
            "memory_bytes": figures.memory,
        })
    );
    Ok(())
}

fn wait(args: &Args, vm: &Vm, stage: Stage) -> Outcome {
    let deadline = Deadline::secs(args.deadline);
    vm.wait_stage(stage, deadline)?;
    let screen = if stage == Stage::Shell {
        // The console says so; the screen has to show it.
        vm.wait_screen("the shell on the screen", deadline, |screen| {
            Ok((screen.share_of(PAPER, 6) > 0.2 && screen.colours() > 8).then(|| screen.clone()))
        })?
    } else {
        vm.screen()?
    };
    if let Some(path) = &args.screenshot {
        screen.save(path)?;
    }
    for reached in vm.stages() {
        if args.json {
            println!(
                "{}",
                json!({ "event": "reached", "stage": reached.stage.to_string(), "boot": reached.boot, "seconds": reached.at.as_secs_f64() })
            );
        } else {
            println!("{:7.1} s  {}", reached.at.as_secs_f64(), reached.stage);
        }
    }
    if args.json {
        println!(
            "{}",
            json!({ "event": "result", "result": { "stage": stage.to_string(), "seconds": vm.uptime().as_secs_f64() } })
        );
    }
    Ok(())
}

/// The whole-disk image in a build's folder: the one raw file that is not a single partition.
fn disk_image(dir: &Path) -> Result<PathBuf> {
    let missing = |message: &str| Error::Disk {
        path: dir.to_owned(),
        message: message.to_owned(),
    };
    fs::read_dir(dir)
        .map_err(|error| missing(&format!("cannot read the folder: {error}")))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "raw"))
        .min_by_key(|path| path.as_os_str().len())
        .ok_or_else(|| missing("there is no disk image; run `cargo os build` first"))
}

/// The machine of the last run, or a new one if there is none or the image is another.
fn kept(folder: &Path, fresh: bool, image: &Path) -> Result<State> {
    let failed = |operation: &'static str, path: &Path| {
        let path = path.to_owned();
        move |source| Error::File {
            operation,
            path,
            source,
        }
    };
    let meta = fs::metadata(image).map_err(failed("look at", image))?;
    let stamp = format!(
        "{} {} {:?}\n",
        image.display(),
        meta.len(),
        meta.modified().map_err(failed("look at", image))?
    );
    let (dir, note) = (folder.join("machine"), folder.join("image.txt"));
    if !fresh
        && fs::read_to_string(&note).is_ok_and(|old| old == stamp)
        && let Ok(state) = State::open(&dir)
    {
        return Ok(state);
    }
    if dir.exists() {
        fs::remove_dir_all(&dir).map_err(failed("remove", &dir))?;
    }
    let state = flashed(State::fresh_in(&dir, image)?)?;
    fs::write(&note, stamp).map_err(failed("write", &note))?;
    Ok(state)
}

/// With room for what a device makes at its first boot.
fn flashed(state: State) -> Result<State> {
    state.grow_disk(DISK_BYTES)?;
    Ok(state)
}
