// SPDX-License-Identifier: EUPL-1.2
//! What may be asked of the connected screens ("heads"), and which wishes that makes. Pure.
//!
//! ```text
//!   a head is off          it is black
//!   one head is on         it is the main screen
//!   all heads are on       the others mirror the main screen
//! ```
//!
//! Nothing else exists on a kiosk: no desktop that spans screens, no mode that a screen has not offered, no mirror image.

use smithay::{
    output::Mode,
    utils::{Logical, Point, Size, Transform},
};

use crate::screens::{Placed, Role, Second, Wishes};

/// The scales that a screen may have, as in the site configuration.
const SCALES: std::ops::RangeInclusive<f64> = 1.0..=3.0;

/// What is told of a connected screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// What does not change while it is connected.
    pub fixed: Fixed,
    /// What it is for.
    pub role: Role,
    /// The mode in use, one of its own.
    pub mode: Option<Mode>,
    /// How what is drawn is turned.
    pub transform: Transform,
    /// Pixels for one of a client's.
    pub scale: f64,
}

/// What a screen is.
#[derive(Clone, Debug, PartialEq)]
pub struct Fixed {
    /// The connector.
    pub name: String,
    /// For people.
    pub description: String,
    /// Width and height, 0 if it does not know.
    pub millimetres: Size<i32, smithay::utils::Raw>,
    /// The modes it offers, the preferred one first.
    pub modes: Vec<Mode>,
}

impl From<&Placed> for Head {
    fn from(placed: &Placed) -> Self {
        let output = &placed.output;
        Self {
            fixed: Fixed {
                name: output.name(),
                description: output.description(),
                millimetres: output.physical_properties().size,
                modes: placed.modes.clone(),
            },
            role: placed.role,
            mode: output.current_mode(),
            transform: output.current_transform(),
            scale: output.current_scale().fractional_scale(),
        }
    }
}

impl Head {
    /// Whether something is seen on it.
    pub fn is_on(&self) -> bool {
        self.role != Role::Black
    }
}

/// What is asked of a head that is to be on; what is not named stays.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Asked {
    /// A mode.
    pub mode: Option<AskedMode>,
    /// Where it lies among the others.
    pub position: Option<Point<i32, Logical>>,
    /// How it is turned.
    pub transform: Option<Transform>,
    /// How it is scaled.
    pub scale: Option<f64>,
}

/// A mode that is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AskedMode {
    /// One that the head offers.
    Offered(Mode),
    /// One that it does not.
    Custom,
}

/// Why a configuration is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing would be seen.
    #[error("no head is on")]
    Dark,
    /// There is no such head.
    #[error("a head that is not there")]
    Unknown,
    /// Some of the others on, some off.
    #[error("the heads beside the main one are not all on or all off")]
    Mixed,
    /// All that are on show the same.
    #[error("a position other than 0, 0")]
    Position,
    /// Not one of the head's.
    #[error("a mode that the head does not offer")]
    Mode,
    /// A mirror image, or any turn of a mirroring head.
    #[error("a head cannot be turned like that")]
    Transform,
    /// Out of range, or any other of a mirroring head.
    #[error("a head cannot be scaled like that")]
    Scale,
}

/// What a whole configuration makes of the wishes so far. Heads that are not named in it are off.
pub fn decide(
    heads: &[Head],
    asked: &[(String, Asked)],
    wishes: &Wishes,
) -> Result<Wishes, Refusal> {
    let head_of = |name: &str| heads.iter().find(|head| head.fixed.name == name);
    let asked_of = |head: &Head| asked.iter().find(|(name, _)| *name == head.fixed.name);
    if asked.iter().any(|(name, _)| head_of(name).is_none()) {
        return Err(Refusal::Unknown);
    }
    let on = || heads.iter().filter(|head| asked_of(head).is_some());
    let main = on().find(|head| head.role == Role::Main);
    let main = main.or_else(|| on().next()).ok_or(Refusal::Dark)?;
    let others = heads.len().saturating_sub(1);
    let mut wishes = wishes.clone();
    if main.role != Role::Main {
        wishes.main = Some(main.fixed.name.clone());
    }
    if others > 0 {
        wishes.second = match on().count() - 1 {
            0 => Second::Black,
            mirrors if mirrors == others => Second::Mirror,
            _ => return Err(Refusal::Mixed),
        };
    }
    for head in on() {
        let Some((name, asked)) = asked_of(head) else {
            continue;
        };
        if asked.position.is_some_and(|at| at != (0, 0).into()) {
            return Err(Refusal::Position);
        }
        match asked.mode {
            None => {}
            Some(AskedMode::Offered(mode)) if head.fixed.modes.contains(&mode) => {
                wishes.modes.insert(name.clone(), mode);
            }
            Some(_) => return Err(Refusal::Mode),
        }
        if head.fixed.name == main.fixed.name {
            turn(&mut wishes, asked)?;
        } else {
            mirror(head, asked)?;
        }
    }
    Ok(wishes)
}

/// The main screen is turned and scaled as it is asked.
fn turn(wishes: &mut Wishes, asked: &Asked) -> Result<(), Refusal> {
    match asked.transform {
        None => {}
        Some(turned @ (Transform::Normal | Transform::_90 | Transform::_180 | Transform::_270)) => {
            wishes.rotation = turned;
        }
        Some(_) => return Err(Refusal::Transform),
    }
    if let Some(scale) = asked.scale {
        if !SCALES.contains(&scale) {
            return Err(Refusal::Scale);
        }
        wishes.scale = scale;
    }
    Ok(())
}

/// A mirror stands upright and is scaled so that the picture fits: saying what it is already is all that can be asked.
fn mirror(head: &Head, asked: &Asked) -> Result<(), Refusal> {
    if asked
        .transform
        .is_some_and(|turned| turned != Transform::Normal)
    {
        return Err(Refusal::Transform);
    }
    // As exact as the protocol's numbers are.
    let same = |scale: f64| (scale - head.scale).abs() < 1.0 / 256.0;
    if asked.scale.is_some_and(|scale| !same(scale)) {
        return Err(Refusal::Scale);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MODES: [(i32, i32); 2] = [(1920, 1080), (1280, 720)];

    fn mode(index: usize) -> Mode {
        let size = MODES[index].into();
        Mode {
            size,
            refresh: 60_000,
        }
    }

    fn head(name: &str, role: Role) -> Head {
        Head {
            fixed: Fixed {
                name: name.to_owned(),
                description: name.to_owned(),
                millimetres: (500, 300).into(),
                modes: vec![mode(0), mode(1)],
            },
            role,
            mode: Some(mode(0)),
            transform: Transform::Normal,
            scale: 1.0,
        }
    }

    fn two() -> [Head; 2] {
        [head("DP-1", Role::Main), head("DP-2", Role::Black)]
    }

    fn on(name: &str, asked: Asked) -> (String, Asked) {
        (name.to_owned(), asked)
    }

    /// Proves T12: what a kiosk's screens cannot do is refused, each for its own reason.
    #[test]
    fn contradictions_are_refused() {
        let refused = |heads: &[Head], asked: &[(String, Asked)]| {
            decide(heads, asked, &Wishes::default()).unwrap_err()
        };
        let plain = Asked::default();
        assert_eq!(refused(&two(), &[]), Refusal::Dark);
        assert_eq!(refused(&[], &[]), Refusal::Dark);
        assert_eq!(refused(&two(), &[on("DP-3", plain)]), Refusal::Unknown);
        let three = [
            head("DP-1", Role::Main),
            head("DP-2", Role::Black),
            head("DP-3", Role::Black),
        ];
        let mixed = [on("DP-1", plain), on("DP-2", plain)];
        assert_eq!(refused(&three, &mixed), Refusal::Mixed);
        let with = |change: fn(&mut Asked)| {
            let mut asked = plain;
            change(&mut asked);
            refused(&two(), &[on("DP-1", asked)])
        };
        assert_eq!(
            with(|asked| asked.position = Some((1, 0).into())),
            Refusal::Position
        );
        assert_eq!(
            with(|asked| asked.mode = Some(AskedMode::Custom)),
            Refusal::Mode
        );
        assert_eq!(
            with(|asked| asked.transform = Some(Transform::Flipped)),
            Refusal::Transform
        );
        for scale in [0.0, 0.99, 3.01, 1000.0, -1.0, f64::NAN, f64::INFINITY] {
            let asked = Asked {
                scale: Some(scale),
                ..plain
            };
            assert_eq!(
                refused(&two(), &[on("DP-1", asked)]),
                Refusal::Scale,
                "{scale}"
            );
        }
        let turned = Asked {
            transform: Some(Transform::_90),
            ..plain
        };
        let mirrored = [on("DP-1", plain), on("DP-2", turned)];
        assert_eq!(refused(&two(), &mirrored), Refusal::Transform);
    }

    /// Proves C16: one screen or all of them can be on, and any of them can be the citizen's.
    #[test]
    fn heads_that_are_on_show_the_same() {
        let plain = Asked::default();
        let decided = |asked: &[(String, Asked)]| {
            let wishes = decide(&two(), asked, &Wishes::default()).unwrap();
            (wishes.main, wishes.second)
        };
        assert_eq!(decided(&[on("DP-1", plain)]), (None, Second::Black));
        let both = [on("DP-2", plain), on("DP-1", plain)];
        assert_eq!(decided(&both), (None, Second::Mirror));
        let other = (Some("DP-2".to_owned()), Second::Black);
        assert_eq!(decided(&[on("DP-2", plain)]), other);
    }

    fn asked() -> impl Strategy<Value = Asked> {
        use prop::option::of;

        let mode = prop_oneof![
            (0usize..2).prop_map(|index| AskedMode::Offered(mode(index))),
            (0..i32::MAX, 0..i32::MAX, any::<i32>()).prop_map(|(w, h, refresh)| {
                AskedMode::Offered(Mode {
                    size: (w, h).into(),
                    refresh,
                })
            }),
            Just(AskedMode::Custom),
        ];
        let position = prop_oneof![Just((0, 0)), any::<(i32, i32)>()].prop_map(Point::from);
        let transform = prop::sample::select(vec![
            Transform::Normal,
            Transform::_90,
            Transform::_180,
            Transform::_270,
            Transform::Flipped,
            Transform::Flipped270,
        ]);
        let scale = prop_oneof![1.0f64..3.0, any::<f64>(), Just(1.0)];
        (of(mode), of(position), of(transform), of(scale)).prop_map(
            |(mode, position, transform, scale)| Asked {
                mode,
                position,
                transform,
                scale,
            },
        )
    }

    proptest! {
        /// Proves T12: whatever is asked of heads, what is granted is a lit main screen that is not mirrored, of a scale in range and a mode it has.
        #[test]
        fn what_is_granted_can_be_seen(
            count in 0usize..4,
            wanted in prop::collection::vec((0usize..5, asked()), 0..6),
        ) {
            let names = ["DP-1", "DP-2", "DP-3", "DP-4", "DP-5"];
            let heads: Vec<Head> = names.iter().take(count).enumerate().map(|(index, name)| {
                head(name, if index == 0 { Role::Main } else { Role::Mirror })
            }).collect();
            let asked: Vec<_> = wanted.iter().map(|(index, asked)| on(names[*index], *asked)).collect();
            if let Ok(wishes) = decide(&heads, &asked, &Wishes::default()) {
                let main = wishes.main.unwrap_or_else(|| names[0].to_owned());
                prop_assert!(heads.iter().any(|head| head.fixed.name == main));
                prop_assert!(asked.iter().any(|(name, _)| *name == main));
                prop_assert!(SCALES.contains(&wishes.scale));
                prop_assert!(matches!(
                    wishes.rotation,
                    Transform::Normal | Transform::_90 | Transform::_180 | Transform::_270
                ));
                prop_assert!(wishes.modes.values().all(|wish| [mode(0), mode(1)].contains(wish)));
            }
        }
    }
}
