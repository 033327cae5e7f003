// SPDX-License-Identifier: EUPL-1.2
//! Text and papers in a conversation: what a clerk writes, shows, has printed and asks for, and what the person at the terminal does.

use qemu::residue::{Canaries, text, word};
use qemu::{Screen, Vm};

use crate::consultation::{left, wait_at_desk};
use crate::device::{boot, soon};
use crate::documents::pdf;
use crate::escl::Scanner;
use crate::printer::Printer;
use crate::sheet::{Sheet, seen};
use crate::town::{Clerk, Town};
use crate::words;

/// Whose words and papers these are.
const SEED: u64 = 815;
/// What is on the clerk's paper, beside what nobody else has.
const TITLE: &str = "Bescheid";
/// Whether the desk has drawn a page: as many shades as nothing else has.
const DRAWN: &str = "(() => { const canvas = document.querySelector('canvas.page'); \
    if (canvas?.dataset.drawn !== 'yes') return false; \
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height); \
    const shades = new Set(); for (let i = 0; i < data.length; i += 4) shades.add(data[i]); return shades.size > 50; })()";

/// The printer and the scanner beside the terminal.
pub struct Beside {
    printer: Printer,
    scanner: Scanner,
    sheet: Sheet,
}

impl Beside {
    /// Starts them; somebody's paper lies on the scanner.
    pub fn start() -> Self {
        let sheet = Sheet::of(SEED);
        Self {
            printer: Printer::start(),
            scanner: Scanner::with(sheet.sent.clone()),
            sheet,
        }
    }

    /// The site with both.
    pub fn site(&self, site: &str, host: &str) -> String {
        let (printer, scanner) = (self.printer.port, self.scanner.port);
        site.replacen(
            "printers = []",
            &format!("printers = [{{ address = \"ipps://{host}:{printer}/ipp/print\" }}]"),
            1,
        )
        .replacen(
            "scanners = []",
            &format!("scanners = [\"https://{host}:{scanner}/eSCL\"]"),
            1,
        )
    }

    /// All that is written and shown in the conversation.
    pub fn canaries(&self) -> Canaries {
        self.sheet.canaries(Canaries::of(SEED))
    }

    /// The clerk asks for it to be printed there, which the person wants; it comes out.
    pub fn prints(&self, vm: &Vm, clerk: &Clerk) {
        clerk.touches("Dort drucken");
        vm.wait_text(words::WANT_PRINTED, boot()).unwrap();
        words::touch_main(vm);
        let page = wait_at_desk(clerk, "the printed page", || self.printer.reads());
        assert!(page.contains(TITLE), "{page}");
        wait_at_desk(clerk, "the word of it", || {
            clerk.asks("document.body.innerText.includes('Der Ausdruck liegt am Terminal.')")
        });
    }
}

/// The clerk writes, and it is read at the terminal.
pub fn writes(vm: &Vm, clerk: &Clerk) {
    clerk.presses(9);
    clerk.writes(&format!("Moin {}", word(SEED)));
    vm.wait_text("Moin", boot()).unwrap();
}

/// The clerk shows a paper; it is seen at the terminal.
pub fn shows(vm: &Vm, clerk: &Clerk, town: &Town) {
    let file = town.dir().join("Bescheid.pdf");
    std::fs::write(&file, pdf(&[&format!("{TITLE} {}", text(SEED, 0))])).unwrap();
    clerk.picks(&file);
    vm.wait_text(TITLE, boot()).unwrap();
}

/// The clerk asks for a paper; the person scans it, looks at it and sends it. What is drawn of it meanwhile is a canary as well.
pub fn scans(vm: &Vm, clerk: &Clerk, canaries: Canaries) -> Canaries {
    clerk.touches("Dort scannen lassen");
    vm.wait_text(words::WANT_SCANNED, boot()).unwrap();
    words::touch_main(vm);
    vm.wait_text(words::PUT_ON, soon()).unwrap();
    words::touch_main(vm);
    vm.wait_text(words::IS_RIGHT, boot()).unwrap();
    let place = vm
        .wait_screen("the page", soon(), |screen: &Screen| Ok(seen(screen)))
        .unwrap();
    let canaries = canaries.drawn(&vm.screen().unwrap(), place);
    // Once it is sent, the page itself is forgotten.
    let meanwhile = left(vm, &canaries);
    println!("meanwhile: {meanwhile:?}");
    assert!(meanwhile.utf8 > 0 && meanwhile.typed > 0 && meanwhile.kept > 0);
    words::touch_main(vm);
    vm.wait_text(words::MORE_PAGES, soon()).unwrap();
    words::touch_main(vm);
    vm.wait_text(words::PAPER_THERE, boot()).unwrap();
    words::touch_main(vm);
    clerk.touches("Ansehen");
    wait_at_desk(clerk, "the paper", || clerk.asks(DRAWN));
    canaries
}
