// SPDX-License-Identifier: EUPL-1.2
//! Which of the connected screens is the citizen's, what the others show, and how everything is placed on them.
//!
//! ```text
//!   connected screens, the site's wishes --> roles --> Main: rotation and scale of the site
//!                                                  +-> Mirror: the main screen's picture, as large as it fits, upright
//!                                                  +-> Black
//! ```
//!
//! Nothing here talks to hardware: a graphics card and screens in memory are arranged alike.

use std::collections::BTreeMap;

use smithay::{
    output::{Mode, Output, PhysicalProperties, Scale, Subpixel},
    utils::{Logical, Physical, Point, Rectangle, Size, Transform},
};

/// What a screen beside the citizen's shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Second {
    /// Nothing: what concerns a citizen is seen once.
    #[default]
    Black,
    /// The same as the main screen.
    Mirror,
}

/// What a site says of its screens.
#[derive(Clone, Debug, PartialEq)]
pub struct Wishes {
    /// The connector of the main screen; otherwise the first that is found, and it stays.
    pub main: Option<String>,
    /// How what is drawn is turned to stand upright on the main screen.
    pub rotation: Transform,
    /// The visible area of the main screen as it left the factory, where the screen itself does not know.
    pub millimetres: Option<(i32, i32)>,
    /// So many pixels of the main screen are one of a client's.
    pub scale: f64,
    /// What other screens show.
    pub second: Second,
    /// The modes of single screens, by connector; otherwise the preferred one.
    pub modes: BTreeMap<String, Mode>,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            main: None,
            rotation: Transform::Normal,
            millimetres: None,
            scale: 1.0,
            second: Second::Black,
            modes: BTreeMap::new(),
        }
    }
}

impl Wishes {
    /// How far a screen is turned clockwise, seen from the front; whole quarters only.
    #[must_use]
    pub fn turned(mut self, quarters: u8) -> Self {
        self.rotation = match quarters % 4 {
            0 => Transform::Normal,
            1 => Transform::_90,
            2 => Transform::_180,
            _ => Transform::_270,
        };
        self
    }

    /// The mode of a screen that offers these, the preferred one first.
    pub fn mode(&self, name: &str, offered: &[Mode]) -> Option<Mode> {
        let wanted = self.modes.get(name).filter(|mode| offered.contains(mode));
        wanted.or(offered.first()).copied()
    }
}

/// What a screen is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The citizen's: the only one that clients know.
    Main,
    /// Shows the same.
    Mirror,
    /// Shows nothing.
    Black,
}

/// The place of the main screen among the connected ones, by their names.
///
/// The site's choice where it is connected, else the one that was it before, else the first.
pub fn main_of(names: &[String], wishes: &Wishes, before: Option<&str>) -> Option<usize> {
    let find = |wanted: Option<&str>| names.iter().position(|name| Some(name.as_str()) == wanted);
    find(wishes.main.as_deref())
        .or_else(|| find(before))
        .or((!names.is_empty()).then_some(0))
}

/// How a scene lies on a screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Pixels of the screen for one of the scene.
    pub scale: f64,
    /// Where the scene begins.
    pub offset: Point<i32, Physical>,
}

impl View {
    /// Where a point of the scene is on the screen.
    pub fn point(&self, point: Point<i32, Logical>) -> Point<i32, Physical> {
        point.to_physical_precise_round(self.scale) + self.offset
    }

    /// Where an area of the scene is on the screen; areas side by side stay so, whatever the scale.
    pub fn area(&self, area: Rectangle<i32, Logical>) -> Rectangle<i32, Physical> {
        Rectangle::from_extremities(self.point(area.loc), self.point(area.loc + area.size))
    }
}

/// A connected screen with its role.
#[derive(Debug)]
pub struct Placed {
    /// Mode, rotation and scale, as clients see those of the main screen.
    pub output: Output,
    /// The modes that it offers, the preferred one first.
    pub modes: Vec<Mode>,
    /// What it is for.
    pub role: Role,
    /// Where the scene is on it.
    pub view: View,
}

impl Placed {
    /// A screen that shows nothing yet. A size of zero millimetres means that it does not know.
    pub fn new(name: &str, modes: Vec<Mode>, mode: Mode, millimetres: (i32, i32)) -> Self {
        let output = Output::new(
            name.to_owned(),
            PhysicalProperties {
                size: millimetres.into(),
                subpixel: Subpixel::Unknown,
                make: "unknown".to_owned(),
                model: "unknown".to_owned(),
            },
        );
        output.change_current_state(Some(mode), None, None, Some((0, 0).into()));
        output.set_preferred(mode);
        Self {
            output,
            modes,
            role: Role::Black,
            view: View {
                scale: 1.0,
                offset: (0, 0).into(),
            },
        }
    }

    /// Makes it the main screen.
    pub fn be_main(&mut self, wishes: &Wishes) {
        let (transform, scale) = (wishes.rotation, wishes.scale);
        if let Some(millimetres) = wishes.millimetres
            && self.output.physical_properties().size != millimetres.into()
            && let Some(mode) = self.output.current_mode()
        {
            // The size in millimetres is for good: another size is another output for the clients.
            let modes = std::mem::take(&mut self.modes);
            *self = Self::new(&self.output.name(), modes, mode, millimetres);
        }
        self.role = Role::Main;
        self.view = View {
            scale,
            offset: (0, 0).into(),
        };
        self.set(transform, scale);
    }

    /// Makes it a screen beside the main one, whose scene has the given size.
    pub fn be_second(&mut self, wishes: &Wishes, scene: Size<i32, Logical>) {
        self.role = match wishes.second {
            Second::Black => Role::Black,
            Second::Mirror => Role::Mirror,
        };
        let size = self
            .output
            .current_mode()
            .map_or((0, 0).into(), |mode| mode.size);
        self.view = fit(scene, size);
        self.set(Transform::Normal, self.view.scale);
    }

    fn set(&self, transform: Transform, scale: f64) {
        let (old, new) = (self.output.current_scale(), Scale::Fractional(scale));
        let same = self.output.current_transform() == transform
            && (old.fractional_scale() - new.fractional_scale()).abs() < f64::EPSILON;
        if !same {
            self.output
                .change_current_state(None, Some(transform), Some(new), None);
        }
    }
}

/// The largest place for a scene on a screen, in its middle.
fn fit(scene: Size<i32, Logical>, screen: Size<i32, Physical>) -> View {
    let share = |screen: i32, scene: i32| f64::from(screen.max(1)) / f64::from(scene.max(1));
    let scale = share(screen.w, scene.w).min(share(screen.h, scene.h));
    let used = scene.to_f64().to_physical(scale).to_i32_round();
    let rest = |screen: i32, used: i32| ((screen - used) / 2).max(0);
    View {
        scale,
        offset: (rest(screen.w, used.w), rest(screen.h, used.h)).into(),
    }
}

/// The size of a screen as clients count it.
pub fn logical_size(output: &Output) -> Size<i32, Logical> {
    let Some(mode) = output.current_mode() else {
        return Size::default();
    };
    output
        .current_transform()
        .transform_size(mode.size)
        .to_f64()
        .to_logical(output.current_scale().fractional_scale())
        .to_i32_round()
}

/// Gives every screen its role; `before` is the name of the main screen so far. Returns the main one.
pub fn arrange<'a>(
    screens: impl IntoIterator<Item = &'a mut Placed>,
    wishes: &Wishes,
    before: Option<&str>,
) -> Option<Output> {
    let mut screens: Vec<&mut Placed> = screens.into_iter().collect();
    let names: Vec<String> = screens.iter().map(|screen| screen.output.name()).collect();
    let main = main_of(&names, wishes, before)?;
    let screen = screens.get_mut(main)?;
    screen.be_main(wishes);
    let output = screen.output.clone();
    let scene = logical_size(&output);
    for (place, screen) in screens.iter_mut().enumerate() {
        if place != main {
            screen.be_second(wishes, scene);
        }
    }
    Some(output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Proves T12: a screen that is plugged in beside does not take the citizen's place, unless the site says so.
    #[test]
    fn the_main_screen_stays() {
        let site = |main: Option<&str>| Wishes {
            main: main.map(str::to_owned),
            ..Wishes::default()
        };
        let names = ["DP-1", "HDMI-A-1"].map(str::to_owned);
        let main = |wishes: &Wishes, before| main_of(&names, wishes, before);
        assert_eq!(main(&site(None), None), Some(0));
        assert_eq!(main(&site(None), Some("HDMI-A-1")), Some(1));
        assert_eq!(main(&site(Some("HDMI-A-1")), Some("DP-1")), Some(1));
        assert_eq!(main(&site(Some("eDP-1")), Some("HDMI-A-1")), Some(1));
        assert_eq!(main_of(&[], &site(None), None), None);
    }

    #[test]
    fn a_portrait_scene_stands_in_the_middle() {
        let view = fit((1080, 1920).into(), (1920, 1080).into());
        assert!((view.scale - 0.5625).abs() < 1e-9);
        assert_eq!(view.offset, (656, 0).into());
    }

    proptest! {
        /// Proves T12: at any scale an application's frame ends on the pixel where the shell's bars begin.
        #[test]
        fn areas_stay_side_by_side(
            scale in 0.25f64..4.0, offset in 0i32..500, end in 0i32..8000, more in 0i32..8000
        ) {
            let view = View { scale, offset: (offset, 0).into() };
            let bar = view.area(Rectangle::new((0, 0).into(), (end, 1).into()));
            let frame = view.area(Rectangle::new((end, 0).into(), (more, 1).into()));
            prop_assert_eq!(bar.loc.x + bar.size.w, frame.loc.x);
            prop_assert_eq!(frame.loc, view.point((end, 0).into()));
        }

        /// Proves T17 and O13: a mirrored scene of any size lies whole on a screen of any size.
        #[test]
        fn a_mirrored_scene_lies_on_the_screen(
            scene in (1i32..8000, 1i32..8000), screen in (1i32..8000, 1i32..8000)
        ) {
            let view = fit(scene.into(), screen.into());
            let end = |offset: i32, scene: i32| f64::from(offset) + f64::from(scene) * view.scale;
            prop_assert!(end(view.offset.x, scene.0) <= f64::from(screen.0) + 1.0);
            prop_assert!(end(view.offset.y, scene.1) <= f64::from(screen.1) + 1.0);
            prop_assert!(view.offset.x >= 0 && view.offset.y >= 0 && view.scale > 0.0);
        }
    }
}
