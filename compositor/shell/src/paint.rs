// SPDX-License-Identifier: EUPL-1.2
//! Pixels of a scene. Only what changed is painted again.

use std::collections::HashMap;
use std::path::Path;

use resvg::usvg;
use tiny_skia::{
    Color, FillRule, FilterQuality, PathBuilder, Pattern, Pixmap, PixmapPaint, Shader, SpreadMode,
    Stroke, Transform,
};

use crate::canvas::Rect;
use crate::icons::Glyph;
use crate::node::Look;
use crate::scene::{Item, Paint, Scene};
use crate::text::{Engine, Words};
use crate::theme::{Rgb, Theme, Tone};

/// The largest picture file that is read.
const PICTURE_BYTES: u64 = 2 * 1024 * 1024;

/// Why the place has no picture. The shell goes on without.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The file cannot be read.
    #[error("cannot read the picture {path}")]
    Read {
        /// Which file.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is too large or no SVG.
    #[error("the picture {path} is not an SVG file of at most {PICTURE_BYTES} bytes")]
    Invalid {
        /// Which file.
        path: String,
    },
}

/// Paints scenes, and keeps the pictures it made of vectors.
#[derive(Default)]
pub struct Painter {
    picture: Option<usvg::Tree>,
    pictures: HashMap<(u32, u32), Pixmap>,
    glyphs: HashMap<(Glyph, Rgb, u32, bool), Option<Pixmap>>,
}

impl Painter {
    /// Reads the picture of the place.
    pub fn load_picture(&mut self, path: &Path) -> Result<(), PictureError> {
        let name = || path.display().to_string();
        let read = |source| PictureError::Read {
            path: name(),
            source,
        };
        if std::fs::metadata(path).map_err(read)?.len() > PICTURE_BYTES {
            return Err(PictureError::Invalid { path: name() });
        }
        let bytes = std::fs::read(path).map_err(read)?;
        // Nothing outside the file is ever loaded by it.
        let options = usvg::Options {
            resources_dir: None,
            ..usvg::Options::default()
        };
        let tree = usvg::Tree::from_data(&bytes, &options)
            .map_err(|_| PictureError::Invalid { path: name() })?;
        self.picture = Some(tree);
        self.pictures.clear();
        Ok(())
    }

    /// Paints the part `damage` of `scene` onto `target`.
    pub fn paint(
        &mut self,
        scene: &Scene,
        damage: &Rect,
        engine: &mut Engine,
        target: &mut Pixmap,
    ) {
        let (max_w, max_h) = (target.width() as f32, target.height() as f32);
        let x0 = damage.x.floor().clamp(0.0, max_w);
        let y0 = damage.y.floor().clamp(0.0, max_h);
        let (x1, y1) = (
            damage.right().ceil().clamp(x0, max_w),
            damage.bottom().ceil().clamp(y0, max_h),
        );
        let clip = Rect::new(x0, y0, x1 - x0, y1 - y0);
        let Some(mut part) = Pixmap::new(clip.w as u32, clip.h as u32) else {
            return;
        };
        part.fill(color(scene.theme.color(Tone::Paper)));
        // Letters may reach a little over their place. Boxes do not, and one wholly beside the part would leave a line on its
        // rim.
        let reaches = |item: &&Item| match item.paint {
            Paint::Words(_) | Paint::Glyph(..) => item.rect.outset(2.0).overlaps(&clip),
            Paint::Look(_) | Paint::Picture(_) | Paint::Preview(..) => item.rect.overlaps(&clip),
        };
        for item in scene.items.iter().filter(reaches) {
            let rect = Rect::new(item.rect.x - x0, item.rect.y - y0, item.rect.w, item.rect.h);
            self.item(
                &Item {
                    rect,
                    paint: item.paint.clone(),
                },
                scene.theme,
                engine,
                &mut part,
            );
        }
        copy(&part, target, x0 as usize, y0 as usize);
    }

    fn item(
        &mut self,
        Item { rect, paint }: &Item,
        theme: Theme,
        engine: &mut Engine,
        onto: &mut Pixmap,
    ) {
        match paint {
            Paint::Look(look) => paint_look(rect, look, theme, onto),
            Paint::Words(words) => paint_words(rect, words, theme, engine, onto),
            Paint::Glyph(glyph, tone, mirrored) => {
                self.paint_glyph(rect, *glyph, theme.color(*tone), *mirrored, onto);
            }
            Paint::Picture(radius) => self.paint_picture(rect, *radius, theme, onto),
            Paint::Preview(pixels, turns) => paint_page(rect, &pixels.0, *turns, onto),
        }
    }

    fn paint_glyph(
        &mut self,
        rect: &Rect,
        glyph: Glyph,
        ink: Rgb,
        mirrored: bool,
        onto: &mut Pixmap,
    ) {
        let side = rect.w.min(rect.h).round().max(1.0) as u32;
        let drawing = self
            .glyphs
            .entry((glyph, ink, side, mirrored))
            .or_insert_with(|| {
                let tree =
                    usvg::Tree::from_str(&glyph.svg(ink, mirrored), &usvg::Options::default())
                        .ok()?;
                let mut pixmap = Pixmap::new(side, side)?;
                let scale = side as f32 / tree.size().width();
                resvg::render(
                    &tree,
                    Transform::from_scale(scale, scale),
                    &mut pixmap.as_mut(),
                );
                Some(pixmap)
            });
        if let Some(drawing) = drawing {
            let x = rect.x + (rect.w - side as f32) / 2.0;
            let y = rect.y + (rect.h - side as f32) / 2.0;
            onto.draw_pixmap(
                x.round() as i32,
                y.round() as i32,
                drawing.as_ref(),
                &PixmapPaint::default(),
                Transform::identity(),
                None,
            );
        }
    }

    /// Fills the rectangle with the picture, cut evenly where the shapes differ.
    fn paint_picture(&mut self, rect: &Rect, radius: f32, theme: Theme, onto: &mut Pixmap) {
        let Some(path) = rounded(rect, radius) else {
            return;
        };
        let mut paint = tiny_skia::Paint {
            anti_alias: true,
            ..tiny_skia::Paint::default()
        };
        let (w, h) = (rect.w.max(1.0) as u32, rect.h.max(1.0) as u32);
        if let (Some(tree), false) = (&self.picture, self.pictures.contains_key(&(w, h)))
            && let Some(mut pixmap) = Pixmap::new(w, h)
        {
            let (tree_w, tree_h) = (tree.size().width(), tree.size().height());
            let scale = (w as f32 / tree_w).max(h as f32 / tree_h);
            // What stands tall matters more than the meadow in front: more is cut below than above.
            let (dx, dy) = (
                (w as f32 - tree_w * scale) / 2.0,
                (h as f32 - tree_h * scale) * 0.2,
            );
            resvg::render(
                tree,
                Transform::from_row(scale, 0.0, 0.0, scale, dx, dy),
                &mut pixmap.as_mut(),
            );
            // Two shapes are enough for a screen that is turned; more would only be kept memory.
            if self.pictures.len() > 1 {
                self.pictures.clear();
            }
            self.pictures.insert((w, h), pixmap);
        }
        match self.pictures.get(&(w, h)) {
            Some(picture) => {
                let place = Transform::from_translate(rect.x, rect.y);
                paint.shader = Pattern::new(
                    picture.as_ref(),
                    SpreadMode::Pad,
                    FilterQuality::Nearest,
                    1.0,
                    place,
                );
            }
            None => paint.shader = Shader::SolidColor(color(theme.color(Tone::Tint))),
        }
        onto.fill_path(
            &path,
            &paint,
            FillRule::Winding,
            Transform::identity(),
            None,
        );
    }
}

fn color(Rgb(r, g, b): Rgb) -> Color {
    Color::from_rgba8(r, g, b, 255)
}

fn paint_look(rect: &Rect, look: &Look, theme: Theme, onto: &mut Pixmap) {
    let mut paint = tiny_skia::Paint {
        anti_alias: true,
        ..tiny_skia::Paint::default()
    };
    if let (Some(fill), Some(path)) = (look.fill, rounded(rect, look.radius)) {
        paint.shader = Shader::SolidColor(color(theme.color(fill)));
        onto.fill_path(
            &path,
            &paint,
            FillRule::Winding,
            Transform::identity(),
            None,
        );
    }
    if let Some((edge, width)) = look.edge {
        // The edge lies inside the box, so that boxes keep their distance.
        let inner = rect.outset(-width / 2.0);
        if let Some(path) = rounded(&inner, look.radius - width / 2.0) {
            paint.shader = Shader::SolidColor(color(theme.color(edge)));
            let stroke = Stroke {
                width,
                ..Stroke::default()
            };
            onto.stroke_path(&path, &paint, &stroke, Transform::identity(), None);
        }
    }
}

/// A rectangle with round corners.
#[allow(clippy::many_single_char_names)] // Edges, radius and handle: longer names would hide the shape.
fn rounded(rect: &Rect, radius: f32) -> Option<tiny_skia::Path> {
    let area = tiny_skia::Rect::from_xywh(rect.x, rect.y, rect.w, rect.h)?;
    let r = radius.min(rect.w / 2.0).min(rect.h / 2.0);
    if r <= 0.5 {
        return Some(PathBuilder::from_rect(area));
    }
    // How far the handles of a cubic curve stand off for a quarter of a circle.
    let k = r * 0.447_715;
    let (l, t, right, b) = (rect.x, rect.y, rect.right(), rect.bottom());
    let mut path = PathBuilder::new();
    path.move_to(l + r, t);
    path.line_to(right - r, t);
    path.cubic_to(right - k, t, right, t + k, right, t + r);
    path.line_to(right, b - r);
    path.cubic_to(right, b - k, right - k, b, right - r, b);
    path.line_to(l + r, b);
    path.cubic_to(l + k, b, l, b - k, l, b - r);
    path.line_to(l, t + r);
    path.cubic_to(l, t + k, l + k, t, l + r, t);
    path.close();
    path.finish()
}

#[allow(clippy::many_single_char_names)] // Coordinates and colours.
fn paint_words(rect: &Rect, words: &Words, theme: Theme, engine: &mut Engine, onto: &mut Pixmap) {
    let (w, h) = (onto.width() as i32, onto.height() as i32);
    let (left, top) = (rect.x.round() as i32, rect.y.round() as i32);
    let Rgb(r, g, b) = theme.color(words.color);
    let pixels = onto.data_mut();
    engine.draw(words, rect.w, rect.h, |x, y, alpha| {
        let (x, y) = (x + left, y + top);
        if alpha == 0 || x < 0 || y < 0 || x >= w || y >= h {
            return;
        }
        let at = (y as usize * w as usize + x as usize) * 4;
        let Some(pixel) = pixels.get_mut(at..at + 4) else {
            return;
        };
        let a = u32::from(alpha);
        for (below, ink) in pixel.iter_mut().zip([r, g, b, 255]) {
            *below = ((u32::from(ink) * a + u32::from(*below) * (255 - a) + 127) / 255) as u8;
        }
    });
}

/// So many pixels a page may be away from the size of its place and be as it was drawn for it: sides are rounded.
const SAME: f32 = 1.5;

/// Fills the rectangle with a page, turned so often by a quarter.
fn paint_page(rect: &Rect, pixels: &Pixmap, turns: u8, onto: &mut Pixmap) {
    let (w, h) = (pixels.width() as f32, pixels.height() as f32);
    let (across, along) = if turns.is_multiple_of(2) {
        (w, h)
    } else {
        (h, w)
    };
    // A page that was drawn for this place is shown as it is, to the pixel.
    let is_drawn_for = |place: f32, side: f32| (place - side).abs() <= SAME;
    let is_same = is_drawn_for(rect.w, across) && is_drawn_for(rect.h, along);
    let place = if is_same {
        Transform::identity()
    } else {
        Transform::from_scale(rect.w / across, rect.h / along)
    };
    let turned = match turns % 4 {
        0 => Transform::identity(),
        1 => Transform::from_row(0.0, 1.0, -1.0, 0.0, h, 0.0),
        2 => Transform::from_row(-1.0, 0.0, 0.0, -1.0, w, h),
        _ => Transform::from_row(0.0, -1.0, 1.0, 0.0, 0.0, w),
    };
    let paint = PixmapPaint {
        quality: if is_same {
            FilterQuality::Nearest
        } else {
            FilterQuality::Bilinear
        },
        ..PixmapPaint::default()
    };
    let place = place.pre_concat(turned).post_translate(rect.x, rect.y);
    onto.draw_pixmap(0, 0, pixels.as_ref(), &paint, place, None);
}

/// Copies all of `part` to its place on `target`.
fn copy(part: &Pixmap, target: &mut Pixmap, x: usize, y: usize) {
    let (row, stride) = (part.width() as usize * 4, target.width() as usize * 4);
    let to = target.data_mut();
    for (i, line) in part.data().chunks_exact(row).enumerate() {
        let start = (y + i) * stride + x * 4;
        if let Some(to) = to.get_mut(start..start + row) {
            to.copy_from_slice(line);
        }
    }
}
