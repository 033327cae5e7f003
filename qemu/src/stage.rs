// SPDX-License-Identifier: EUPL-1.2
//! How far a boot has come, read from what the machine shows.
//!
//! ```text
//!  Power ─> Firmware ─> BootLoader ─> Kernel ─> Initrd ─> Verity ─> System ─> Compositor ─> Shell
//!    ^                                                                                      │
//!    └─────────────────────────────── reset ────────────────────────────────────────────────┘
//! ```
//!
//! A stage is reached when one of its markers is seen; a later marker proves the earlier stages, so a quiet console
//! costs precision but never correctness. `/var` opens beside the screen, earlier or later than it, so it is a fact of
//! its own and no stage. The state machine does no I/O and knows no clock.

use std::{collections::VecDeque, fmt};

/// How far a boot has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The machine is powered; nothing was seen yet.
    #[default]
    Power,
    /// The firmware speaks.
    Firmware,
    /// The boot loader was started.
    BootLoader,
    /// The kernel runs.
    Kernel,
    /// The initrd's service manager runs.
    Initrd,
    /// `/usr` is open and verified.
    Verity,
    /// The main system was entered.
    System,
    /// The compositor reported that it is ready.
    Compositor,
    /// The shell's first frame was on the screen.
    Shell,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 9] = [
        Self::Power,
        Self::Firmware,
        Self::BootLoader,
        Self::Kernel,
        Self::Initrd,
        Self::Verity,
        Self::System,
        Self::Compositor,
        Self::Shell,
    ];

    /// The one after it.
    pub fn next(self) -> Option<Self> {
        Self::ALL.get(self as usize + 1).copied()
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Power => "power on",
            Self::Firmware => "firmware",
            Self::BootLoader => "boot loader",
            Self::Kernel => "kernel",
            Self::Initrd => "initrd",
            Self::Verity => "verified /usr",
            Self::System => "main system",
            Self::Compositor => "compositor",
            Self::Shell => "shell's first frame",
        })
    }
}

/// What gives a stage away: any of these texts within one console line.
#[derive(Clone, Copy, Debug)]
pub struct Marker {
    /// The stage that the texts prove.
    pub stage: Stage,
    /// The texts.
    pub texts: &'static [&'static str],
}

/// Which console lines prove which stage. The service manager shortens long unit names on the console, so only short
/// ones are of use here.
pub const MARKERS: &[Marker] = &[
    Marker {
        stage: Stage::Firmware,
        texts: &["BdsDxe:", "UEFI Interactive Shell", "TianoCore"],
    },
    Marker {
        stage: Stage::BootLoader,
        texts: &[
            "BdsDxe: starting",
            "systemd-boot",
            "Boot in ",
            "Enrolling secure boot keys",
        ],
    },
    Marker {
        stage: Stage::Kernel,
        texts: &["EFI stub:", "Linux version ", "Command line: "],
    },
    Marker {
        stage: Stage::Initrd,
        texts: &[
            "Booting initrd of",
            "Running in initrd",
            "systemd-journald.service",
        ],
    },
    Marker {
        stage: Stage::Verity,
        texts: &[
            "Mounted sysusr-usr.mount",
            "Mounted /sysusr/usr",
            "Mounted sysroot-usr.mount",
        ],
    },
    Marker {
        stage: Stage::System,
        texts: &[
            "Switching root",
            "Welcome to ",
            "Reached target sysinit.target",
        ],
    },
    Marker {
        stage: Stage::Compositor,
        texts: &["Started compositor.service"],
    },
    Marker {
        stage: Stage::Shell,
        texts: &["Started shell.service"],
    },
];

/// Texts that mean that `/var` is open and mounted.
pub const STATE_OPEN: &[&str] = &["Mounted var.mount", "Mounted /var "];

/// Texts that mean trouble wherever they appear in a console line.
pub const TROUBLES: &[&str] = &[
    "Kernel panic",
    "Access Denied",
    "Security Violation",
    "Failed to start",
    "[FAILED]",
    "[DEPEND]",
    "is corrupted",
    "Timed out waiting for device",
    "Freezing execution",
    "BUG: ",
    "Oops:",
    "No bootable option",
    "failed to load Boot",
];

/// How many troubled lines are kept.
const TROUBLES_KEPT: usize = 12;

/// Follows one machine's boots.
#[derive(Clone, Debug)]
pub struct StageTracker {
    markers: &'static [Marker],
    reached: Stage,
    furthest: Stage,
    resets: u32,
    state_open: bool,
    troubles: VecDeque<String>,
}

impl Default for StageTracker {
    fn default() -> Self {
        Self::new(MARKERS)
    }
}

impl StageTracker {
    /// A tracker for these markers.
    pub fn new(markers: &'static [Marker]) -> Self {
        Self {
            markers,
            reached: Stage::Power,
            furthest: Stage::Power,
            resets: 0,
            state_open: false,
            troubles: VecDeque::new(),
        }
    }

    /// Takes one console line, free of escape sequences; answers with the stage it newly reached, if any.
    pub fn line(&mut self, line: &str) -> Option<Stage> {
        if TROUBLES.iter().any(|text| line.contains(text)) {
            if self.troubles.len() == TROUBLES_KEPT {
                self.troubles.pop_front();
            }
            self.troubles.push_back(line.trim().to_owned());
        }
        self.state_open |= STATE_OPEN.iter().any(|text| line.contains(text));
        self.markers
            .iter()
            .filter(|marker| marker.texts.iter().any(|text| line.contains(text)))
            .map(|marker| marker.stage)
            .max()
            .and_then(|stage| self.reach(stage))
    }

    /// Takes a stage that something else proved, such as a picture of the screen.
    pub fn reach(&mut self, stage: Stage) -> Option<Stage> {
        if stage <= self.reached {
            return None;
        }
        self.reached = stage;
        self.furthest = self.furthest.max(stage);
        Some(stage)
    }

    /// The machine was reset: the next boot begins.
    pub fn reset(&mut self) {
        self.reached = Stage::Power;
        self.state_open = false;
        self.resets += 1;
    }

    /// The furthest stage of the current boot.
    pub fn reached(&self) -> Stage {
        self.reached
    }

    /// The furthest stage of any boot.
    pub fn furthest(&self) -> Stage {
        self.furthest
    }

    /// How often the machine was reset.
    pub fn resets(&self) -> u32 {
        self.resets
    }

    /// Whether the current boot opened `/var`.
    pub fn state_open(&self) -> bool {
        self.state_open
    }

    /// The last lines that spoke of trouble.
    pub fn troubles(&self) -> impl Iterator<Item = &str> {
        self.troubles.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BOOT: &[(&str, Stage)] = &[
        (
            "BdsDxe: loading Boot0002 \"UEFI Misc Device\"",
            Stage::Firmware,
        ),
        ("systemd-boot@0x7D4E3000 257.9", Stage::BootLoader),
        (
            "[    0.000000] Linux version 6.12.57+deb13-amd64",
            Stage::Kernel,
        ),
        (
            "Booting initrd of Debian GNU/Linux 13 (trixie).",
            Stage::Initrd,
        ),
        (
            "[  OK  ] Mounted sysusr-usr.mount - /sysusr/usr.",
            Stage::Verity,
        ),
        ("Welcome to Amtsnah!", Stage::System),
        (
            "[  OK  ] Started compositor.service - Screen.",
            Stage::Compositor,
        ),
        (
            "[  OK  ] Started shell.service - Kiosk shell.",
            Stage::Shell,
        ),
    ];

    /// Proves T12: the stages of a whole boot are told apart by what the console shows.
    #[test]
    fn follows_a_boot() {
        let mut tracker = StageTracker::default();
        for (line, stage) in BOOT {
            assert_eq!(tracker.line(line), Some(*stage), "{line}");
            assert_eq!(tracker.line(line), None, "a stage is reached once: {line}");
        }
        assert_eq!(tracker.line("[  OK  ] Mounted var.mount - /var."), None);
        assert!(tracker.state_open());
        tracker.reset();
        assert!(!tracker.state_open());
        assert_eq!(tracker.reached(), Stage::Power);
        assert_eq!(tracker.furthest(), Stage::Shell);
        assert_eq!(tracker.resets(), 1);
    }

    /// Proves O9: what went wrong is kept, but not without bound.
    #[test]
    fn troubles_are_kept_with_a_bound() {
        let mut tracker = StageTracker::default();
        for n in 0..100 {
            tracker.line(&format!("[FAILED] Failed to start unit{n}.service"));
        }
        assert_eq!(tracker.troubles().count(), TROUBLES_KEPT);
        assert!(tracker.troubles().last().unwrap().contains("unit99"));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Line(String),
        Known(usize),
        Reset,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => any::<String>().prop_map(Step::Line),
            4 => (0..BOOT.len()).prop_map(Step::Known),
            1 => Just(Step::Reset),
        ]
    }

    proptest! {
        /// Proves O9: whatever the guest prints, a boot only moves forward and every answer is a real change.
        #[test]
        fn only_resets_go_back(steps in proptest::collection::vec(step(), 0..60)) {
            let mut tracker = StageTracker::default();
            for step in steps {
                let before = tracker.reached();
                let answer = match &step {
                    Step::Line(line) => tracker.line(line),
                    Step::Known(n) => tracker.line(BOOT[*n].0),
                    Step::Reset => { tracker.reset(); None }
                };
                match (step, answer) {
                    (Step::Reset, _) => prop_assert_eq!(tracker.reached(), Stage::Power),
                    (_, Some(stage)) => {
                        prop_assert!(stage > before);
                        prop_assert_eq!(tracker.reached(), stage);
                    }
                    (_, None) => prop_assert_eq!(tracker.reached(), before),
                }
                prop_assert!(tracker.furthest() >= tracker.reached());
            }
        }
    }
}
