// SPDX-License-Identifier: EUPL-1.2
//! What can be asked for on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Builds, runs, tests and checks Amtsnah.
///
/// Everything happens in the toolbox, a Debian 13 tree that is made on first use below ~/.cache/amtsnah (or `AMTSNAH_CACHE`).
#[derive(Debug, Parser)]
#[command(name = "cargo os", bin_name = "cargo os", version)]
pub struct Cli {
    /// Write one JSON object a line: stages, warnings, the result, an error.
    #[arg(long, global = true)]
    pub json: bool,
    /// Directory of the signing keys; otherwise `AMTSNAH_KEYS`, otherwise development keys made on first use.
    #[arg(long, global = true, value_name = "DIR")]
    pub keys: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build the image of a flavour.
    Build(Build),
    /// Build a flavour and start it in a virtual machine; `exchange` runs the server of a consultation on loopback.
    Run(Run),
    /// Run the tests: all of them, the quick ones, or one suite.
    Test(Test),
    /// Measure a part of the system beside others of its kind.
    Bench(Bench),
    /// Make pictures of every screen in every language and mode, and a page to look at them.
    Gallery(Gallery),
    /// Build a flavour twice under different conditions and compare every byte.
    Verify(Flavour),
    /// Check the package lock, or make it anew.
    Lock(Lock),
    /// Make the development keys if there are none; check that every key fits its certificate.
    Keys,
    /// Check this host and say how to mend what is missing.
    Doctor,
    /// Remove what can be made again.
    Clean(Clean),
    /// Run a program in the toolbox.
    #[command(hide = true)]
    Toolbox(Inside),
}

/// Which flavour.
#[derive(Debug, Args)]
pub struct Flavour {
    /// `terminal` or `case`: a name in image/mkosi.profiles.
    #[arg(value_name = "FLAVOUR")]
    pub name: String,
}

/// Options of `build`.
#[derive(Debug, Args)]
pub struct Build {
    /// `terminal` or `case`: a name in image/mkosi.profiles.
    #[arg(value_name = "FLAVOUR")]
    pub flavour: String,
    /// Boot the image three times as well, and print boot times, instructions and memory (some minutes without KVM).
    #[arg(long)]
    pub measure: bool,
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// `terminal` or `case`, or `exchange`.
    #[arg(value_name = "FLAVOUR")]
    pub flavour: String,
    /// No window and no VNC.
    #[arg(long)]
    pub headless: bool,
    /// Wait until this stage is reached, then shut down.
    #[arg(long, value_name = "STAGE", value_parser = ["kernel", "system", "shell"])]
    pub until: Option<String>,
    /// Store the screen in this PNG file when the stage is reached.
    #[arg(long, value_name = "FILE", requires = "until")]
    pub screenshot: Option<PathBuf>,
    /// Start what was built last, without building.
    #[arg(long)]
    pub no_build: bool,
    /// Passed on to the virtual machine's program.
    #[arg(last = true, value_name = "ARGUMENT")]
    pub rest: Vec<String>,
}

/// Options of `test`.
#[derive(Debug, Args)]
pub struct Test {
    /// Only this suite: a name that `cargo os test --list` prints.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Only what needs no virtual machine.
    #[arg(long, conflicts_with = "name")]
    pub quick: bool,
    /// Also what takes hours.
    #[arg(long)]
    pub soak: bool,
    /// List the suites.
    #[arg(long)]
    pub list: bool,
}

/// Options of `bench`.
#[derive(Debug, Args)]
pub struct Bench {
    /// What to measure: `screen` compares the compositor with cage and weston.
    #[arg(value_name = "PART", value_parser = ["screen"])]
    pub part: String,
    /// How often each is measured.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub repetitions: u32,
    /// Seconds of each phase.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..=600))]
    pub seconds: u32,
}

/// Options of `gallery`.
#[derive(Debug, Args)]
pub struct Gallery {
    /// Every language, mode and kind of screen with each other, not only those that the tests look at (an hour, gigabytes).
    #[arg(long)]
    pub all: bool,
}

/// Options of `lock`.
#[derive(Debug, Args)]
pub struct Lock {
    /// Resolve anew against the mirror and write image/packages.lock.
    #[arg(long)]
    pub update: bool,
    /// Lock what is asked for and not locked yet; what is locked stays as it is, as far as the mirror still has it.
    #[arg(long, conflicts_with = "update")]
    pub add: bool,
}

/// Options of `clean`.
#[derive(Debug, Args)]
pub struct Clean {
    /// The whole cache but the keys: packages, toolbox, crates, everything built.
    #[arg(long)]
    pub all: bool,
}

/// A program and its arguments.
#[derive(Debug, Args)]
pub struct Inside {
    /// Program and arguments.
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required = true,
        value_name = "PROGRAM"
    )]
    pub command: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn run_as_the_readme_says() {
        let line = "os run terminal --headless --until shell --screenshot FILE.png";
        let cli = Cli::try_parse_from(line.split(' ')).unwrap();
        let Command::Run(run) = cli.command else {
            panic!("not run")
        };
        assert_eq!(run.screenshot, Some(PathBuf::from("FILE.png")));
        assert!(Cli::try_parse_from(["os", "run", "terminal", "--screenshot", "x.png"]).is_err());
    }
}
