// SPDX-License-Identifier: EUPL-1.2
//! Where layer surfaces go and what they leave free: the frame that the shell reserves. Pure.
//!
//! Those that reserve an edge come first, each beside the ones before it; the others share what is left.

use smithay::{
    utils::{Logical, Point, Rectangle, Size},
    wayland::shell::wlr_layer::{Anchor, ExclusiveZone, Margins},
};

/// What a layer surface asks for.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// Its size; 0 where it is stretched between two edges.
    pub size: Size<i32, Logical>,
    /// The edges that it clings to.
    pub anchor: Anchor,
    /// The distance to those edges.
    pub margin: Margins,
    /// What it reserves.
    pub zone: ExclusiveZone,
}

/// The one edge that an anchor clings to, if it is one: alone, or with both edges beside it.
fn edge(anchor: Anchor) -> Option<Anchor> {
    let has = |side| anchor.contains(side);
    let vertical = has(Anchor::TOP) != has(Anchor::BOTTOM);
    let horizontal = has(Anchor::LEFT) != has(Anchor::RIGHT);
    match (vertical, horizontal) {
        (true, false) => Some(anchor & (Anchor::TOP | Anchor::BOTTOM)),
        (false, true) => Some(anchor & (Anchor::LEFT | Anchor::RIGHT)),
        _ => None,
    }
}

/// Begin and length on one axis.
fn span(
    (begin, length): (i32, i32),
    wanted: i32,
    (near, far): (bool, bool),
    (before, after): (i32, i32),
) -> (i32, i32) {
    if wanted <= 0 {
        let length = length.saturating_sub(before).saturating_sub(after).max(0);
        return (begin.saturating_add(before), length);
    }
    let rest = length.saturating_sub(wanted);
    let begin = match (near, far) {
        (true, false) => begin.saturating_add(before),
        (false, true) => begin.saturating_add(rest).saturating_sub(after),
        _ => begin.saturating_add(rest / 2),
    };
    (begin, wanted)
}

fn place(wish: &Wish, area: Rectangle<i32, Logical>) -> Rectangle<i32, Logical> {
    let has = |side| wish.anchor.contains(side);
    let (x, w) = span(
        (area.loc.x, area.size.w),
        wish.size.w,
        (has(Anchor::LEFT), has(Anchor::RIGHT)),
        (wish.margin.left, wish.margin.right),
    );
    let (y, h) = span(
        (area.loc.y, area.size.h),
        wish.size.h,
        (has(Anchor::TOP), has(Anchor::BOTTOM)),
        (wish.margin.top, wish.margin.bottom),
    );
    Rectangle::new(Point::from((x, y)), Size::from((w, h)))
}

/// Takes a strip from an edge of what is free.
fn reserve(
    free: Rectangle<i32, Logical>,
    edge: Anchor,
    amount: u32,
    margin: &Margins,
) -> Rectangle<i32, Logical> {
    let amount = i32::try_from(amount).unwrap_or(i32::MAX);
    let strip = |margin: i32, length: i32| amount.saturating_add(margin).clamp(0, length);
    let mut free = free;
    if edge == Anchor::TOP || edge == Anchor::BOTTOM {
        let distance = if edge == Anchor::TOP {
            margin.top
        } else {
            margin.bottom
        };
        let taken = strip(distance, free.size.h);
        free.size.h -= taken;
        if edge == Anchor::TOP {
            free.loc.y += taken;
        }
    } else {
        let distance = if edge == Anchor::LEFT {
            margin.left
        } else {
            margin.right
        };
        let taken = strip(distance, free.size.w);
        free.size.w -= taken;
        if edge == Anchor::LEFT {
            free.loc.x += taken;
        }
    }
    free
}

/// Places all wishes on a screen; returns their places, in the same order, and what is left free.
#[must_use]
pub fn arrange(
    screen: Rectangle<i32, Logical>,
    wishes: &[Wish],
) -> (Vec<Rectangle<i32, Logical>>, Rectangle<i32, Logical>) {
    let mut free = screen;
    let mut places = vec![Rectangle::default(); wishes.len()];
    let reserving = |wish: &Wish| match wish.zone {
        ExclusiveZone::Exclusive(amount) => edge(wish.anchor).map(|edge| (edge, amount)),
        _ => None,
    };
    for (wish, at) in wishes.iter().zip(&mut places) {
        if let Some((edge, amount)) = reserving(wish) {
            *at = place(wish, free);
            free = reserve(free, edge, amount, &wish.margin);
        }
    }
    for (wish, at) in wishes.iter().zip(&mut places) {
        if reserving(wish).is_none() {
            let area = match wish.zone {
                ExclusiveZone::DontCare => screen,
                _ => free,
            };
            *at = place(wish, area);
        }
    }
    (places, free)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SCREEN: (i32, i32) = (1920, 1080);

    fn screen() -> Rectangle<i32, Logical> {
        Rectangle::from_size(Size::from(SCREEN))
    }

    fn bar(anchor: Anchor, height: i32) -> Wish {
        Wish {
            size: Size::from((0, height)),
            anchor,
            margin: Margins::default(),
            zone: ExclusiveZone::Exclusive(height.unsigned_abs()),
        }
    }

    /// Proves T12: what the shell reserves above and below is not the applications'.
    #[test]
    fn bars_leave_a_frame() {
        let sides = Anchor::LEFT | Anchor::RIGHT;
        let wishes = [
            bar(sides | Anchor::TOP, 80),
            bar(sides | Anchor::BOTTOM, 120),
        ];
        let (places, free) = arrange(screen(), &wishes);
        assert_eq!(
            places,
            [
                Rectangle::new((0, 0).into(), (1920, 80).into()),
                Rectangle::new((0, 960).into(), (1920, 120).into())
            ]
        );
        assert_eq!(free, Rectangle::new((0, 80).into(), (1920, 880).into()));
    }

    #[test]
    fn a_corner_and_all_edges_reserve_nothing() {
        for anchor in [Anchor::TOP | Anchor::LEFT, Anchor::all(), Anchor::empty()] {
            let wish = Wish {
                size: Size::from((10, 10)),
                ..bar(anchor, 30)
            };
            assert_eq!(arrange(screen(), &[wish]).1, screen(), "{anchor:?}");
        }
    }

    fn wish() -> impl Strategy<Value = Wish> {
        let number = || prop_oneof![3 => 0..400i32, 1 => any::<i32>()];
        let zone = any::<i32>().prop_map(ExclusiveZone::from);
        let anchor = (0u32..16).prop_map(Anchor::from_bits_truncate);
        let margin = [number(), number(), number(), number()];
        ([number(), number()], anchor, margin, zone).prop_map(
            |([w, h], anchor, [top, right, bottom, left], zone)| Wish {
                size: Size::from((w.max(0), h.max(0))),
                anchor,
                margin: Margins {
                    top,
                    right,
                    bottom,
                    left,
                },
                zone,
            },
        )
    }

    proptest! {
        /// Proves T12: whatever is asked for, the frame lies on the screen and every surface has a size.
        #[test]
        fn the_frame_is_on_the_screen(wishes in prop::collection::vec(wish(), 0..8)) {
            let (places, free) = arrange(screen(), &wishes);
            prop_assert_eq!(places.len(), wishes.len());
            prop_assert!(free.size.w >= 0 && free.size.h >= 0);
            prop_assert!(free.loc.x >= 0 && free.loc.x + free.size.w <= SCREEN.0);
            prop_assert!(free.loc.y >= 0 && free.loc.y + free.size.h <= SCREEN.1);
            prop_assert!(places.iter().all(|place| place.size.w >= 0 && place.size.h >= 0));
        }
    }
}
