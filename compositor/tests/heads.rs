// SPDX-License-Identifier: EUPL-1.2
//! The shell is told of the connected screens and asks for others.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;

use common::{Client, HEIGHT, Kiosk, WIDTH, heads::Answer};
use compositor::Wishes;
use proptest::prelude::*;
use site::LastGood;
use wayland_client::protocol::wl_output::Transform;
use wayland_protocols_wlr::output_management::v1::client::{
    zwlr_output_configuration_head_v1::ZwlrOutputConfigurationHeadV1,
    zwlr_output_configuration_v1::ZwlrOutputConfigurationV1,
    zwlr_output_manager_v1::ZwlrOutputManagerV1,
};

const SITE: &str = include_str!("../../recipes/site/site.toml");
const RED: [u8; 3] = [0xc0, 0x10, 0x20];
const FIRST: &str = "headless";
const SECOND: &str = "second";
const SIZE: (i32, i32) = (WIDTH as i32, HEIGHT as i32);

/// A kiosk with two screens, a shell with a window, and its manager.
fn kiosk() -> (Kiosk, Client, ZwlrOutputManagerV1) {
    let mut kiosk = Kiosk::new();
    kiosk
        .compositor
        .plug_with_modes(FIRST, &[(WIDTH, HEIGHT), (640, 480)]);
    kiosk.compositor.plug_with_modes(SECOND, &[(320, 240)]);
    let mut shell = kiosk.client_showing(RED);
    let manager: ZwlrOutputManagerV1 = shell.bind();
    kiosk.settle(&mut shell);
    assert_eq!(shell.seen.heads.done, 1);
    (kiosk, shell, manager)
}

type Part = ZwlrOutputConfigurationHeadV1;
/// A head that is to be on, and what is said of it.
type On<'a> = (&'a str, &'a dyn Fn(&Part));

/// A configuration in which the named heads are on, with what is said of each, and all others off.
fn configuration(
    shell: &Client,
    manager: &ZwlrOutputManagerV1,
    on: &[On<'_>],
) -> ZwlrOutputConfigurationV1 {
    let handle = shell.handle();
    let configuration = manager.create_configuration(shell.seen.heads.serial, &handle, ());
    for head in &shell.seen.heads.all {
        match on.iter().find(|(name, _)| *name == head.name) {
            Some((_, say)) => say(&configuration.enable_head(&head.proxy, &handle, ())),
            None => configuration.disable_head(&head.proxy),
        }
    }
    configuration
}

fn nothing(_: &Part) {}

fn answer(kiosk: &mut Kiosk, shell: &mut Client) -> Answer {
    kiosk.until(shell, "an answer", |shell| {
        !shell.seen.heads.answers.is_empty()
    });
    let answers = std::mem::take(&mut shell.seen.heads.answers);
    assert_eq!(answers.len(), 1, "{answers:?}");
    answers[0]
}

/// Applies a configuration; the answer, after its consequences.
fn apply(
    kiosk: &mut Kiosk,
    shell: &mut Client,
    manager: &ZwlrOutputManagerV1,
    on: &[On<'_>],
) -> Answer {
    configuration(shell, manager, on).apply();
    let answer = answer(kiosk, shell);
    kiosk.settle(shell);
    answer
}

/// Proves T13 and C16: the shell hears of every screen what it needs to offer a choice; of one that is off nothing that means nothing.
#[test]
fn the_shell_is_told_of_the_screens() {
    let (_kiosk, shell, _manager) = kiosk();
    let heads = &shell.seen.heads;
    assert_eq!(heads.all.len(), 2);
    let first = heads.named(FIRST);
    assert!(first.on && first.description.contains(FIRST));
    assert_eq!(first.millimetres, Some((SIZE.0 / 4, SIZE.1 / 4)));
    let modes: Vec<_> = first
        .modes
        .iter()
        .map(|mode| (mode.size, mode.refresh, mode.preferred))
        .collect();
    assert_eq!(modes, [(SIZE, 60_000, true), ((640, 480), 60_000, false)]);
    assert_eq!(first.mode(), Some(SIZE));
    assert_eq!(first.position, Some((0, 0)));
    assert_eq!(first.transform, Some(Transform::Normal));
    assert_eq!(first.scale, Some(1.0));
    let second = heads.named(SECOND);
    assert!(!second.on && second.current.is_none() && second.scale.is_none());
    assert_eq!(second.modes.len(), 1);
}

/// Proves T13 and C16: mode, rotation and scale follow what the shell asks, a second screen mirrors, or is the only one; a test
/// changes nothing.
#[test]
fn what_the_shell_asks_is_done() {
    let (mut kiosk, mut shell, manager) = kiosk();
    let turn = |part: &Part| {
        part.set_transform(Transform::_90);
        part.set_scale(1.25);
        part.set_position(0, 0);
    };
    configuration(&shell, &manager, &[(FIRST, &turn)]).test();
    assert_eq!(answer(&mut kiosk, &mut shell), Answer::Succeeded);
    kiosk.settle(&mut shell);
    assert_eq!((shell.seen.size, shell.seen.heads.done), (SIZE, 1));

    assert_eq!(
        apply(&mut kiosk, &mut shell, &manager, &[(FIRST, &turn)]),
        Answer::Succeeded
    );
    assert_eq!(shell.seen.size, (480, 640));
    assert_eq!(shell.seen.heads.done, 2);
    let first = shell.seen.heads.named(FIRST);
    assert_eq!(
        (first.transform, first.scale),
        (Some(Transform::_90), Some(1.25))
    );

    let both: [On<'_>; 2] = [(FIRST, &nothing), (SECOND, &nothing)];
    assert_eq!(
        apply(&mut kiosk, &mut shell, &manager, &both),
        Answer::Succeeded
    );
    assert!(shell.seen.heads.named(SECOND).on);
    assert_eq!(shell.seen.size, (480, 640), "what is not named stays");
    shell.paint(RED);
    kiosk.settle(&mut shell);
    let second = kiosk.compositor.snapshot_of(SECOND).unwrap().unwrap();
    assert_eq!(second.pixel(160, 120), Some(RED));

    let small = shell.seen.heads.named(FIRST).modes[1].proxy.clone();
    let other = |part: &Part| {
        part.set_mode(&small);
        part.set_transform(Transform::Normal);
        part.set_scale(1.0);
    };
    assert_eq!(
        apply(&mut kiosk, &mut shell, &manager, &[(FIRST, &other)]),
        Answer::Succeeded
    );
    assert_eq!(shell.seen.size, (640, 480));
    assert_eq!(shell.seen.heads.named(FIRST).mode(), Some((640, 480)));
    assert!(!shell.seen.heads.named(SECOND).on);

    assert_eq!(
        apply(&mut kiosk, &mut shell, &manager, &[(SECOND, &nothing)]),
        Answer::Succeeded
    );
    assert_eq!(shell.seen.size, (320, 240));
    let heads = &shell.seen.heads;
    assert_eq!(
        (heads.named(FIRST).on, heads.named(SECOND).on),
        (false, true)
    );
}

/// Proves T12: what no screen of a kiosk can be is refused and changes nothing.
#[test]
fn what_cannot_be_is_refused() {
    let (mut kiosk, mut shell, manager) = kiosk();
    let cases: [&[On<'_>]; 6] = [
        &[],
        &[(FIRST, &|part| part.set_scale(1000.0))],
        &[(FIRST, &|part| part.set_scale(0.5))],
        &[(FIRST, &|part| part.set_transform(Transform::Flipped90))],
        &[(FIRST, &|part| part.set_position(5, 0))],
        &[(FIRST, &|part| part.set_custom_mode(123, 45, 0))],
    ];
    for on in cases {
        for test in [true, false] {
            let configuration = configuration(&shell, &manager, on);
            if test {
                configuration.test();
            } else {
                configuration.apply();
            }
            assert_eq!(answer(&mut kiosk, &mut shell), Answer::Failed);
        }
    }
    kiosk.settle(&mut shell);
    assert_eq!((shell.seen.size, shell.seen.heads.done), (SIZE, 1));

    // Heads of a manager that has been stopped are nobody's.
    let late = configuration(&shell, &manager, &[(FIRST, &nothing)]);
    manager.stop();
    late.apply();
    assert_eq!(answer(&mut kiosk, &mut shell), Answer::Failed);
    assert_eq!(shell.seen.heads.finished, 1);
}

/// Proves T12: what the protocol forbids ends the connection of whoever does it, and nothing else.
#[test]
fn what_is_forbidden_ends_only_the_client() {
    type Deed = fn(&Client, &ZwlrOutputManagerV1);
    let deeds: [Deed; 9] = [
        |shell, manager| {
            configuration(shell, manager, &[(FIRST, &|part| part.set_scale(0.0))]).apply();
        },
        |shell, manager| {
            configuration(shell, manager, &[(FIRST, &|part| part.set_scale(-1.0))]).apply();
        },
        |shell, manager| {
            let twice = |part: &Part| {
                part.set_scale(1.0);
                part.set_scale(1.0);
            };
            configuration(shell, manager, &[(FIRST, &twice)]).apply();
        },
        |shell, manager| {
            configuration(
                shell,
                manager,
                &[(FIRST, &|part| part.set_custom_mode(-1, 1, 0))],
            )
            .apply();
        },
        |shell, manager| {
            let foreign = &shell.seen.heads.named(SECOND).modes[0].proxy;
            configuration(shell, manager, &[(FIRST, &|part| part.set_mode(foreign))]).apply();
        },
        |shell, manager| {
            let used = configuration(shell, manager, &[(FIRST, &nothing)]);
            used.test();
            used.apply();
        },
        |shell, manager| {
            let used = configuration(shell, manager, &[(FIRST, &nothing)]);
            used.disable_head(&shell.seen.heads.named(FIRST).proxy);
        },
        |shell, manager| {
            let serial = shell.seen.heads.serial;
            let empty = manager.create_configuration(serial, &shell.handle(), ());
            empty.apply();
        },
        |shell, manager| {
            let serial = shell.seen.heads.serial;
            let one = manager.create_configuration(serial, &shell.handle(), ());
            one.enable_head(&shell.seen.heads.named(FIRST).proxy, &shell.handle(), ());
            one.enable_head(&shell.seen.heads.named(FIRST).proxy, &shell.handle(), ());
        },
    ];
    for (number, deed) in deeds.into_iter().enumerate() {
        let (mut kiosk, mut shell, manager) = kiosk();
        deed(&shell, &manager);
        kiosk.until_disconnected(&mut shell);
        drop(shell);
        let mut next = kiosk.client_with_window();
        assert_eq!(next.seen.size, SIZE, "deed {number}");
        kiosk.settle(&mut next);
    }
}

/// Proves T12: a configuration made for screens that are no longer so is cancelled, at once when a screen was unplugged.
#[test]
fn a_stale_configuration_is_cancelled() {
    let (mut kiosk, mut shell, manager) = kiosk();
    let turned = |part: &Part| part.set_transform(Transform::_180);
    let stale = configuration(&shell, &manager, &[(FIRST, &turned)]);
    let scaled = |part: &Part| part.set_scale(2.0);
    assert_eq!(
        apply(&mut kiosk, &mut shell, &manager, &[(FIRST, &scaled)]),
        Answer::Succeeded
    );
    stale.apply();
    assert_eq!(answer(&mut kiosk, &mut shell), Answer::Cancelled);

    let open = configuration(&shell, &manager, &[(FIRST, &turned)]);
    kiosk.settle(&mut shell);
    kiosk.compositor.unplug(SECOND);
    assert_eq!(answer(&mut kiosk, &mut shell), Answer::Cancelled);
    let names: Vec<_> = shell.seen.heads.all.iter().map(|head| &head.name).collect();
    assert_eq!(names, [FIRST]);
    // Its client may have said so before it knew.
    open.apply();
    kiosk.settle(&mut shell);
    assert_eq!(shell.seen.heads.answers, []);

    kiosk.compositor.plug(SECOND, 320, 240);
    kiosk.until(&mut shell, "the head", |shell| {
        shell.seen.heads.all.len() == 2
    });
    kiosk.settle(&mut shell);
    let now = [(FIRST, &turned as &dyn Fn(&Part))];
    assert_eq!(
        apply(&mut kiosk, &mut shell, &manager, &now),
        Answer::Succeeded
    );
    // A scale of before counts on.
    assert_eq!(shell.seen.size, (SIZE.0 / 2, SIZE.1 / 2));
}

/// Proves O4: what the shell has asked for holds until the next site configuration, whatever that changes.
#[test]
fn the_next_site_counts_again() {
    let root = tempfile::tempdir().unwrap();
    let image = root.path().join("site.toml");
    fs::write(&image, SITE).unwrap();
    let (mut kiosk, mut shell, manager) = kiosk();
    let site = LastGood::new(&image, root.path().join("store"));
    fs::create_dir(site.store()).unwrap();
    let accept = |text: &str| {
        let new = site.store().join("site.toml.new");
        fs::write(&new, text).unwrap();
        fs::rename(new, site.store().join("site.toml")).unwrap();
    };
    kiosk.compositor.follow(site.clone()).unwrap();
    accept(SITE);
    kiosk.settle(&mut shell);
    let turned = |part: &Part| part.set_transform(Transform::_90);
    assert_eq!(
        apply(&mut kiosk, &mut shell, &manager, &[(FIRST, &turned)]),
        Answer::Succeeded
    );
    // The same again is no news.
    accept(SITE);
    kiosk.settle(&mut shell);
    assert_eq!(shell.seen.size, (SIZE.1, SIZE.0));
    accept(&SITE.replacen("Weißbach an der Löbnitz", "Schönau", 1));
    kiosk.until(&mut shell, "the site's screen", |shell| {
        shell.seen.size == SIZE
    });
}

/// Proves T12: only the shell is told of screens.
#[test]
fn applications_are_not_told_of_screens() {
    let (mut kiosk, shell, _manager) = kiosk();
    let mut globals = shell.seen.globals.iter();
    let global = globals.find(|(_, name, _)| name == "zwlr_output_manager_v1");
    let number = global.unwrap().0;
    let mut client = kiosk.application();
    kiosk.until(&mut client, "globals", Client::globals_are_known);
    assert!(!client.offers("zwlr_output_manager_v1"));
    client.guess::<ZwlrOutputManagerV1>(number);
    kiosk.until_disconnected(&mut client);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Proves T12: whatever a client asks of screens, in whatever order they come and go, the compositor answers or ends it, and goes on.
    #[test]
    fn any_configuration_is_survived(deeds in prop::collection::vec((0u8..12, any::<i32>(), any::<bool>()), 0..30)) {
        let mut kiosk = Kiosk::new();
        let mut shell = kiosk.client();
        kiosk.until(&mut shell, "globals", Client::globals_are_known);
        let (handle, manager) = (shell.handle(), shell.bind::<ZwlrOutputManagerV1>());
        kiosk.settle(&mut shell);
        let (mut open, mut parts) = (Vec::new(), Vec::new());
        for (deed, number, flag) in deeds {
            let heads = &shell.seen.heads.all;
            let index = number.unsigned_abs() as usize;
            let head = (!heads.is_empty()).then(|| heads[index % heads.len()].proxy.clone());
            let last: Option<&ZwlrOutputConfigurationV1> = open.last();
            match deed {
                0 | 1 => {
                    let serial = if flag { shell.seen.heads.serial } else { number.unsigned_abs() };
                    open.push(manager.create_configuration(serial, &handle, ()));
                }
                2 | 3 => if let (Some(last), Some(head)) = (last, head) {
                    parts.push(last.enable_head(&head, &handle, ()));
                },
                4 => if let (Some(last), Some(head)) = (last, head) { last.disable_head(&head) },
                5 => if let Some(last) = last { if flag { last.apply() } else { last.test() } },
                6 => if let Some(part) = parts.last() { part.set_scale(f64::from(number) / 256.0) },
                7 => if let Some(part) = parts.last() { part.set_custom_mode(number, number, number) },
                8 => if let Some(part) = parts.last() { part.set_position(number, number) },
                9 => if let Some(configuration) = open.pop() { configuration.destroy() },
                10 if flag => kiosk.compositor.plug(SECOND, 640, 480),
                10 => kiosk.compositor.unplug(SECOND),
                _ => kiosk.compositor.wish(Wishes::default().turned(number.unsigned_abs() as u8)),
            }
            kiosk.step(Some(&mut shell));
        }
        drop(shell);
        let mut next = kiosk.client_with_window();
        kiosk.settle(&mut next);
    }
}
