//! Pictograms, drawn as paths in a square of 100 units. Own artwork.
//!
//! They differ in outline, not in detail, so that no state looks like another from three metres.

use tiny_skia::{LineCap, LineJoin, Path, PathBuilder, Rect, Stroke, Transform};

use crate::domain::activity::ActivityKind;

use super::canvas::{Canvas, Tint};

/// What a pictogram says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pictogram {
    /// This goes on: a filled figure.
    On(ActivityKind),
    /// This does not go on: the figure, crossed.
    Off(ActivityKind),
    /// Two bars in a ring.
    Paused,
    /// A question mark.
    Unknown,
}

/// Units of the drawing square.
pub(super) const UNITS: f32 = 100.0;

impl Pictogram {
    /// Draws it `size` pixels wide and high with its upper left corner at `x`, `y`, in one tint on a ground of another.
    pub fn draw(self, on: &mut Canvas, (x, y): (i32, i32), size: i32, (tint, ground): (Tint, Tint)) {
        let mut brush = Brush { on, x, y, scale: size as f32 / UNITS, tint };
        match self {
            Self::On(kind) => figure(kind).iter().for_each(|path| brush.fill(path)),
            Self::Off(kind) => crossed(&mut brush, kind, ground),
            Self::Paused => paused(&mut brush),
            Self::Unknown => unknown(&mut brush),
        }
    }
}

struct Brush<'b> {
    on: &'b mut Canvas,
    x: i32,
    y: i32,
    scale: f32,
    tint: Tint,
}

impl Brush<'_> {
    fn fill(&mut self, path: &Path) {
        if let Some(path) = path.clone().transform(Transform::from_scale(self.scale, self.scale)) {
            self.on.fill_path(&path, self.x, self.y, self.tint);
        }
    }

    fn stroke(&mut self, path: &Path, width: f32) {
        let stroke = Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
        if let Some(path) = path.stroke(&stroke, 4.0) {
            self.fill(&path);
        }
    }

    fn with(&mut self, tint: Tint, draw: impl FnOnce(&mut Brush<'_>)) {
        draw(&mut Brush { on: self.on, x: self.x, y: self.y, scale: self.scale, tint });
    }
}

/// The paths of what goes on, in units of the drawing square.
pub(super) fn figure(kind: ActivityKind) -> Vec<Path> {
    match kind {
        ActivityKind::PeopleCounting => gate(),
        ActivityKind::Presence => sensed_person(),
        ActivityKind::Cctv => camera(),
    }
}

/// A person between the posts of a door.
fn gate() -> Vec<Path> {
    let mut paths = vec![bar(2.0, 4.0, 12.0, 92.0), bar(86.0, 4.0, 12.0, 92.0)];
    paths.extend(person(50.0, 6.0, 1.0));
    paths
}

/// A person below a sensor that radiates.
fn sensed_person() -> Vec<Path> {
    let mut paths = vec![polyline(&[(34.0, 2.0), (66.0, 2.0), (60.0, 14.0), (40.0, 14.0)])];
    for (radius, width) in [(29.0, 8.0), (45.0, 8.0)] {
        paths.extend(wave(50.0, 8.0, radius, width));
    }
    paths.extend(person(50.0, 24.0, 0.82));
    paths
}

/// A camera on a wall.
fn camera() -> Vec<Path> {
    vec![
        polyline(&[(22.0, 16.0), (86.0, 38.0), (78.0, 64.0), (13.0, 42.0)]),
        polyline(&[(82.0, 54.0), (99.0, 50.0), (93.0, 70.0), (79.0, 66.0)]),
        polyline(&[(30.0, 52.0), (46.0, 57.0), (40.0, 76.0), (14.0, 76.0), (14.0, 65.0), (27.0, 65.0)]),
        bar(2.0, 52.0, 12.0, 40.0),
    ]
}

/// Head, trunk with arms, and legs, `scale` times 90 units high.
fn person(centre: f32, top: f32, scale: f32) -> Vec<Path> {
    let x = |units: f32| centre + units * scale;
    let y = |units: f32| top + units * scale;
    let head = PathBuilder::from_circle(centre, y(11.0), 11.0 * scale);
    let mut body = PathBuilder::new();
    body.move_to(x(-13.0), y(26.0));
    body.line_to(x(13.0), y(26.0));
    body.quad_to(x(21.0), y(26.0), x(21.0), y(34.0));
    body.line_to(x(21.0), y(58.0));
    body.line_to(x(13.0), y(58.0));
    body.line_to(x(13.0), y(90.0));
    body.line_to(x(2.5), y(90.0));
    body.line_to(x(2.5), y(62.0));
    body.line_to(x(-2.5), y(62.0));
    body.line_to(x(-2.5), y(90.0));
    body.line_to(x(-13.0), y(90.0));
    body.line_to(x(-13.0), y(58.0));
    body.line_to(x(-21.0), y(58.0));
    body.line_to(x(-21.0), y(34.0));
    body.quad_to(x(-21.0), y(26.0), x(-13.0), y(26.0));
    body.close();
    head.into_iter().chain(body.finish()).collect()
}

/// Two arcs of 40 degrees, left and right of (`centre`, `top`), as of something that radiates downwards.
fn wave(centre: f32, top: f32, radius: f32, width: f32) -> Vec<Path> {
    // The control points of a circle's arc, as constants: the library functions differ between processors.
    const ARC: [(f32, f32); 4] = [(1.0, 0.0), (1.0, 0.2351), (0.9171, 0.4627), (0.766, 0.6428)];
    let stroke = Stroke { width, line_cap: LineCap::Butt, ..Stroke::default() };
    let arc = |side: f32| {
        let [from, a, b, to] = ARC.map(|(x, y)| (centre + side * radius * x, top + radius * y));
        let mut builder = PathBuilder::new();
        builder.move_to(from.0, from.1);
        builder.cubic_to(a.0, a.1, b.0, b.1, to.0, to.1);
        builder.finish()?.stroke(&stroke, 4.0)
    };
    [-1.0, 1.0].into_iter().filter_map(arc).collect()
}

fn crossed(brush: &mut Brush<'_>, kind: ActivityKind, ground: Tint) {
    let slash = open_line(&[(7.0, 93.0), (93.0, 7.0)]);
    for path in figure(kind) {
        brush.fill(&path);
    }
    brush.with(ground, |gap| gap.stroke(&slash, 20.0));
    brush.stroke(&slash, 9.0);
}

fn paused(brush: &mut Brush<'_>) {
    if let Some(ring) = PathBuilder::from_circle(50.0, 50.0, 44.0) {
        brush.stroke(&ring, 10.0);
    }
    brush.fill(&bar(32.0, 27.0, 13.0, 46.0));
    brush.fill(&bar(55.0, 27.0, 13.0, 46.0));
}

fn unknown(brush: &mut Brush<'_>) {
    let mut hook = PathBuilder::new();
    hook.move_to(26.0, 30.0);
    hook.cubic_to(26.0, 0.0, 76.0, 0.0, 76.0, 31.0);
    hook.cubic_to(76.0, 50.0, 50.0, 48.0, 50.0, 68.0);
    if let Some(hook) = hook.finish() {
        brush.stroke(&hook, 15.0);
    }
    if let Some(dot) = PathBuilder::from_circle(50.0, 90.0, 9.5) {
        brush.fill(&dot);
    }
}

fn bar(x: f32, y: f32, width: f32, height: f32) -> Path {
    PathBuilder::from_rect(Rect::from_xywh(x, y, width, height).expect("the artwork's bars have a positive size"))
}

fn polyline(points: &[(f32, f32)]) -> Path {
    let mut builder = lines(points);
    builder.close();
    builder.finish().expect("the artwork's shapes have three corners or more")
}

fn open_line(points: &[(f32, f32)]) -> Path {
    lines(points).finish().expect("the artwork's lines have two points or more")
}

fn lines(points: &[(f32, f32)]) -> PathBuilder {
    let mut builder = PathBuilder::new();
    for (index, (x, y)) in points.iter().enumerate() {
        if index == 0 {
            builder.move_to(*x, *y);
        } else {
            builder.line_to(*x, *y);
        }
    }
    builder
}
