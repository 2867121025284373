//! A drawing, shape by shape.

use std::fmt::{Display, Write};

use super::colour::{Colour, INK};

/// The height at which things stand.
pub(super) const GROUND: i32 = 434;

/// A drawing, on a square of 600 by 600.
#[derive(Debug)]
pub(super) struct Svg(String);

impl Svg {
    /// A drawing of something that stands on the ground, with a shadow of half a width.
    pub(super) fn on_ground(half: i32) -> Self {
        Self(String::new()).oval(INK.veil(16), [300, GROUND, half, 16])
    }

    /// The text of the drawing.
    pub(super) fn finish(self) -> String {
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 600\">{}</svg>", self.0)
    }

    /// A filled shape.
    pub(super) fn path(self, fill: impl Display, shape: impl Display) -> Self {
        self.with(format_args!("<path fill=\"{fill}\" d=\"{shape}\"/>"))
    }

    /// A line with round ends.
    pub(super) fn line(self, colour: impl Display, width: i32, shape: impl Display) -> Self {
        self.with(format_args!(
            "<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-linecap=\"round\" d=\"{shape}\"/>"
        ))
    }

    /// A dashed line: dashes and gaps in order. Dashes of no length are dots.
    pub(super) fn dashes(self, colour: impl Display, width: i32, dashes: &str, shape: impl Display) -> Self {
        let cap = if dashes.starts_with("0 ") { "round" } else { "butt" };
        self.with(format_args!(
            "<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-linecap=\"{cap}\" \
             stroke-dasharray=\"{dashes}\" d=\"{shape}\"/>"
        ))
    }

    /// A rectangle: left, top, width and height, with a radius of its corners.
    pub(super) fn rect(self, fill: impl Display, [x, y, width, height]: [i32; 4], radius: i32) -> Self {
        self.with(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\" fill=\"{fill}\"/>"
        ))
    }

    /// An ellipse: its centre and its two radii.
    pub(super) fn oval(self, fill: impl Display, [x, y, across, down]: [i32; 4]) -> Self {
        self.with(format_args!("<ellipse cx=\"{x}\" cy=\"{y}\" rx=\"{across}\" ry=\"{down}\" fill=\"{fill}\"/>"))
    }

    /// A ring: the centre and the radii of an ellipse that is drawn as a line.
    pub(super) fn ring(self, colour: impl Display, width: i32, [x, y, across, down]: [i32; 4]) -> Self {
        self.with(format_args!(
            "<ellipse cx=\"{x}\" cy=\"{y}\" rx=\"{across}\" ry=\"{down}\" fill=\"none\" stroke=\"{colour}\" \
             stroke-width=\"{width}\"/>"
        ))
    }

    /// Ticks around a circle: its centre and its radius.
    pub(super) fn ticks(self, colour: impl Display, width: i32, [x, y, radius]: [i32; 3], count: i32) -> Self {
        self.with(format_args!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" \
             pathLength=\"{count}\" stroke-dasharray=\".2 .8\"/>"
        ))
    }

    /// A round body in three tones: lit on its left, shaded on its right. The profile is half a width and a height:
    /// where it begins, then two handles and an end for each curve.
    pub(super) fn turned(self, colour: Colour, axis: i32, profile: &[[i32; 2]]) -> Self {
        self.path(colour, slice(axis, profile, -100, 100))
            .path(colour.light(), slice(axis, profile, -100, -52))
            .path(colour.dark(), slice(axis, profile, 36, 100))
    }

    /// Shapes that are moved, turned or scaled together.
    pub(super) fn put(self, transform: impl Display, draw: impl FnOnce(Self) -> Self) -> Self {
        let inner = draw(Self(String::new()));
        self.with(format_args!("<g transform=\"{transform}\">{}</g>", inner.0))
    }

    /// Shapes that are smaller, in per cent, and stand where they stood.
    pub(super) fn sized(self, percent: i32, draw: impl FnOnce(Self) -> Self) -> Self {
        let (x, y) = (300 * (100 - percent) / 100, GROUND * (100 - percent) / 100);
        self.put(format_args!("translate({x} {y}) scale({})", f64::from(percent) / 100.0), draw)
    }

    /// Shapes that are drawn for each of several things.
    pub(super) fn each<T>(self, things: impl IntoIterator<Item = T>, draw: impl FnMut(Self, T) -> Self) -> Self {
        things.into_iter().fold(self, draw)
    }

    fn with(mut self, shape: impl Display) -> Self {
        // A string can always be written to.
        let _ = write!(self.0, "{shape}");
        self
    }
}

/// What of a profile is between two sides, in per cent of half its width.
fn slice(axis: i32, profile: &[[i32; 2]], left: i32, right: i32) -> String {
    let at = |percent: i32, [half, y]: [i32; 2]| format!("{} {y}", axis + half * percent / 100);
    let down: Vec<_> = profile.iter().map(|point| at(left, *point)).collect();
    let up: Vec<_> = profile.iter().rev().map(|point| at(right, *point)).collect();
    format!("M{}C{}L{}C{}z", down[0], down[1..].join(" "), up[0], up[1..].join(" "))
}
