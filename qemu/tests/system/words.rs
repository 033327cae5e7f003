// SPDX-License-Identifier: EUPL-1.2
//! What is read on the screen and touched on the way: the one place for these words.

use qemu::{Layout, Rect, Screen, Vm};

use crate::device::soon;

/// The first screen: nobody has begun yet. A touch anywhere begins.
pub const ATTRACT: &str = "Willkommen im Rathaus";
/// The screen with the four ways.
pub const HOME: &str = "Guten Tag";
/// The way to the departments.
pub const INFORM: &str = "Informationen";
/// The authorities, of which one is chosen.
pub const WHERE: &str = "Wohin";
/// Where one types what one looks for.
pub const SEARCH: &str = "Was suchen";
/// The town's own authority, in the list of authorities.
pub const TOWN: &str = "Stadtverwaltung";
/// On the page of a department.
pub const HOURS: &str = "Öffnungszeiten";
/// From a department to somebody there.
pub const TALK: &str = "Mit jemandem sprechen";
/// Where a conversation can begin: only once the service of calls is there.
pub const READY: &str = "Kamera und Mikrofon";
/// While somebody there is called.
pub const RINGS: &str = "angerufen";
/// What is said while somebody shows a screen.
pub const SHOWN_SCREEN: &str = "auf seinem Bildschirm";
/// What is asked of who does not touch anything.
pub const MORE_TIME: &str = "mehr Zeit";
/// The end of a conversation.
pub const HANG_UP: &str = "Auflegen";
/// The way to scanner and printer.
pub const DELIVER: &str = "abgeben";
/// That there is a scanner.
pub const SCANS_HERE: &str = "ein Bild von jeder Seite";
/// What is to be done before a page is scanned.
pub const LAY_ON_SCANNER: &str = "auf den Scanner";
/// The page is there, to be looked at.
pub const IS_READABLE: &str = "alles lesen";
/// What is asked when the clerk would have a paper printed here.
pub const WANT_PRINTED: &str = "ausdrucken?";
/// What is asked when the clerk would like to see a paper.
pub const WANT_SCANNED: &str = "möchte ein Papier";
/// What is to be done before one is scanned for the clerk.
pub const PUT_ON: &str = "Legen Sie das Papier";
/// What is asked of a page that came for the clerk.
pub const IS_RIGHT: &str = "so richtig?";
/// What is asked once it is.
pub const MORE_PAGES: &str = "ist fertig";
/// The clerk has the paper.
pub const PAPER_THERE: &str = "hat jetzt";
/// While the clerk pauses.
pub const HELD: &str = "Einen Moment bitte";
/// One step back.
pub const BACK: &str = "Zurück";
/// The end of a visit, in the bar.
pub const FINISH: &str = "Beenden";
/// Reads out, in the bar.
pub const READ_OUT: &str = "Vorlesen";
/// There is nothing that only one person hears.
pub const NO_EAR: &str = "Kopfhörer";
/// The last screen says so.
pub const ERASED: &str = "Angaben sind gelöscht";
/// On the last screen, the way out; it is there once all is erased.
pub const LEAVE: &str = "Fertig";

/// At a new case, once its volume is open: the clerk chooses a password.
pub const CHOOSE_PASSWORD: &str = "Passwort wählen";
/// The same password again.
pub const REPEAT_PASSWORD: &str = "Passwort wiederholen";
/// The clerk is away.
pub const LOCKED: &str = "Gesperrt";
/// The desk, without a case.
pub const DESK: &str = "Bereit für einen Fall";
/// The desk with a case.
pub const CASE: &str = "Ein Fall ist offen";
/// What is asked before a case is deleted.
pub const END_CASE: &str = "Fall beenden und löschen?";
/// That the last case is deleted.
pub const DELETED: &str = "Der letzte Fall ist gelöscht";

/// Begins a visit.
pub fn begin(vm: &Vm) {
    touch(vm, ATTRACT);
    vm.wait_text(HOME, soon()).unwrap();
}

/// Goes from the four ways to the topics of the town.
pub fn go_to_topics(vm: &Vm) {
    touch(vm, INFORM);
    touch(vm, TOWN);
}

/// The shell's one deep colour: what matters most on a screen has it as its ground.
const ACCENT: [u8; 3] = [0x17, 0x4e, 0x46];
/// The pixels of the smallest such button.
const BUTTON: usize = 4000;

/// Waits for the button in the deep colour, whose white words are not read, and touches it: of what has this colour the lowest.
pub fn touch_main(vm: &Vm) {
    let middle = |screen: &Screen| {
        let width = screen.width() as usize;
        let mut groups: Vec<Vec<(usize, usize)>> = Vec::new();
        for (at, _) in screen.pixels().enumerate().filter(|(_, p)| *p == ACCENT) {
            let (x, y) = (at % width, at / width);
            match groups.last_mut() {
                Some(group) if group.last().is_some_and(|(_, above)| y <= above + 1) => {
                    group.push((x, y));
                }
                // A gap above it: what was before is something else.
                _ => groups.push(vec![(x, y)]),
            }
        }
        // Words in this colour are no button.
        let button = groups.into_iter().rfind(|group| group.len() >= BUTTON);
        let Some(mut places) = button else {
            return Ok(None);
        };
        let (_, y) = places[places.len() / 2];
        places.sort_unstable();
        let (x, _) = places[places.len() / 2];
        Ok(Some((x as u32, y as u32)))
    };
    let (x, y) = vm.wait_screen("the main button", soon(), middle).unwrap();
    vm.tap(x, y).unwrap();
}

/// Types a word that is no word of a language, and waits until most of it is read on the screen.
pub fn type_word(vm: &Vm, word: &str) -> Rect {
    vm.type_text(word, Layout::German).unwrap();
    let seen = |screen: &Screen| {
        let words = screen.read()?;
        let read = words
            .0
            .iter()
            .find(|read| strsim::levenshtein(&read.text, word) <= MISREAD);
        Ok(read.map(|read| read.place))
    };
    vm.wait_screen("what was typed", soon(), seen).unwrap()
}

/// So many letters of such a word may be read wrongly.
const MISREAD: usize = 4;

/// Waits for `word` and touches it.
pub fn touch(vm: &Vm, word: &str) {
    vm.wait_text(word, soon()).unwrap().tap().unwrap();
}
