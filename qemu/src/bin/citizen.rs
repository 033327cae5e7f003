// SPDX-License-Identifier: EUPL-1.2
//! Somebody who uses a device: a program that scenarios lay into it with a signed add-on.

use std::process::ExitCode;
use std::time::Duration;

use api::session::{Kind, Outcome, Session1ProxyBlocking, SessionError, SessionState, document};
use clap::{Parser, ValueEnum};
use qemu::residue::{CANARIES, picture, text, utf16};
use zbus::blocking::connection::Builder;

/// Where the bus is in a device.
const BUS: &str = "unix:path=/run/dbus/system_bus_socket";
/// Canaries in a document: the store has room for 32.
const IN_DOCUMENT: u64 = 4;

/// Uses the session of a device.
#[derive(Debug, Parser)]
struct Args {
    /// What to do.
    #[arg(value_enum)]
    what: What,
    /// Which canaries.
    #[arg(default_value_t = 0)]
    seed: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Begins a session, fills the store with canaries, and stays with them.
    Come,
    /// Ends the session and waits until it is erased.
    Go,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let result = match args.what {
        What::Come => come(args.seed),
        What::Go => go(),
    };
    if let Err(error) = result {
        println!("citizen: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn session() -> zbus::Result<Session1ProxyBlocking<'static>> {
    Session1ProxyBlocking::new(&Builder::address(BUS)?.build()?)
}

fn failed(error: &document::DocumentError) -> SessionError {
    SessionError::Failed(error.to_string())
}

fn come(seed: u64) -> Result<(), SessionError> {
    let session = session()?;
    session.begin("de".into())?;
    let mut held = Vec::new();
    for first in (0..CANARIES).step_by(usize::try_from(IN_DOCUMENT).unwrap_or(1)) {
        let numbers = first..first + IN_DOCUMENT;
        let mut letter: Vec<u8> = Vec::new();
        let mut image: Vec<u8> = Vec::new();
        for number in numbers {
            let text = text(seed, number);
            letter.extend(utf16(&text));
            letter.extend(text.bytes());
            image.extend(picture(seed, number));
        }
        for (kind, content) in [(Kind::Text, &letter), (Kind::Png, &image)] {
            let sealed = document::seal(content).map_err(|error| failed(&error))?;
            let id = session.create_document(kind, sealed.into())?;
            let opened = session.open_document(id)?;
            held.push((
                document::read(&opened).map_err(|error| failed(&error))?,
                opened,
            ));
        }
    }
    println!("citizen: {} documents", held.len());
    loop {
        std::thread::park_timeout(Duration::from_hours(1));
    }
}

fn go() -> Result<(), SessionError> {
    let session = session()?;
    let news = session.receive_state_changed();
    session.end(Outcome::Done)?;
    for change in news {
        if change.get()? == SessionState::Erased {
            break;
        }
    }
    println!("citizen: erased");
    Ok(())
}
