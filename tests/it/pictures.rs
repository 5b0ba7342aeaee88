//! Pictures before other people's eyes: every file that a sign can fetch is judged and decoded by programs of Debian, whose
//! authors know nothing of this project, and must come back pixel by pixel.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use noticed::sign::canvas::{Area, Canvas, Tint};
use noticed::sign::encode::{bmp, jpeg, png};
use noticed::sign::panel::Ink;
use noticed::sign::validate;

/// Programs and the packages that they come from, as `deploy/prerequisites test` installs them.
const PACKAGES: &[(&str, &str)] = &[
    ("pngcheck", "pngcheck"),
    ("pngfix", "libpng-tools"),
    ("pngtopnm", "netpbm"),
    ("bmptopnm", "netpbm"),
    ("djpeg", "libjpeg-turbo-progs"),
    ("cjpeg", "libjpeg-turbo-progs"),
    ("identify", "imagemagick"),
    ("convert", "imagemagick"),
];

/// A small label, sides that are no multiple of eight, and the size of most signs.
const SIZES: [(u32, u32); 3] = [(296, 128), (333, 251), (800, 480)];

#[test]
fn pngcheck_and_libpng_find_nothing_wrong_with_a_png() {
    for_every_picture(|canvas, ink, folder| {
        let file = folder.keep("picture.png", &png::file(canvas, ink));
        let said = text(&run("pngcheck", &["-v"], &file).stdout);
        assert!(said.contains("No errors detected"), "{said}");
        let chunks: Vec<&str> = said.lines().filter_map(|line| line.trim().strip_prefix("chunk ")).collect();
        let kinds: Vec<&str> = chunks.iter().filter_map(|chunk| chunk.split(' ').next()).collect();
        assert!(kinds.iter().all(|kind| ["IHDR", "PLTE", "IDAT", "IEND"].contains(kind)), "{said}");
        // It ends with 0 where the window is larger than needed; everything worse is told by its summary.
        let said = text(&run("pngfix", &[], &file).stdout);
        assert!(said.starts_with("IDAT OK"), "{said}");
    });
}

#[test]
fn libpng_decodes_a_png_to_the_picture() {
    for_every_picture(|canvas, ink, folder| {
        let file = folder.keep("picture.png", &png::file(canvas, ink));
        assert_shows(canvas, ink, &pnm(&run("pngtopnm", &[], &file).stdout), "pngtopnm");
    });
}

#[test]
fn netpbm_decodes_a_bmp_to_the_picture() {
    for_every_picture(|canvas, ink, folder| {
        let file = folder.keep("picture.bmp", &bmp::file(canvas, ink));
        assert_shows(canvas, ink, &pnm(&run("bmptopnm", &[], &file).stdout), "bmptopnm");
    });
}

#[test]
fn libjpeg_decodes_a_jpeg_to_the_picture_without_a_warning() {
    for_every_picture(|canvas, ink, folder| {
        let file = folder.keep("picture.jpg", &jpeg::file(canvas));
        let output = run("djpeg", &["-strict", "-pnm"], &file);
        assert_eq!(text(&output.stderr), "", "a warning of djpeg");
        assert_shows(canvas, ink, &pnm(&output.stdout), "djpeg");
    });
}

#[test]
fn imagemagick_knows_and_decodes_every_file_without_a_warning() {
    for_every_picture(|canvas, ink, folder| {
        let size = format!("{} {}", canvas.width(), canvas.height());
        for (name, kind, bytes) in [
            ("picture.png", "PNG", png::file(canvas, ink)),
            ("picture.bmp", "BMP", bmp::file(canvas, ink)),
            ("picture.jpg", "JPEG", jpeg::file(canvas)),
        ] {
            let file = folder.keep(name, &bytes);
            let known = text(&run("identify", &["-regard-warnings", "-format", "%m %w %h"], &file).stdout);
            assert!(known.starts_with(kind) && known.ends_with(&size), "{known}");
            let output = checked(
                "convert",
                Command::new("convert").arg("-regard-warnings").arg(&file).args(["-depth", "8", "rgb:-"]),
            );
            let (pixels, rest) = output.stdout.as_chunks::<3>();
            assert_eq!((pixels.len() as u32, rest.len()), (canvas.width() * canvas.height(), 0), "{name}");
            assert_shows(canvas, ink, pixels, name);
        }
    });
}

#[test]
fn a_large_panel_gets_pictures_that_everyone_decodes() {
    let folder = Folder::new();
    let canvas = drawn(1872, 1404, Ink::Grey16);
    let png = folder.keep("large.png", &png::file(&canvas, Ink::Grey16));
    assert_shows(&canvas, Ink::Grey16, &pnm(&run("pngtopnm", &[], &png).stdout), "pngtopnm");
    let bmp = folder.keep("large.bmp", &bmp::file(&canvas, Ink::Grey16));
    assert_shows(&canvas, Ink::Grey16, &pnm(&run("bmptopnm", &[], &bmp).stdout), "bmptopnm");
    let jpeg = folder.keep("large.jpg", &jpeg::file(&canvas));
    assert_shows(&canvas, Ink::Grey16, &pnm(&run("djpeg", &["-strict", "-pnm"], &jpeg).stdout), "djpeg");
}

#[test]
fn jpegs_of_forms_that_some_display_cannot_draw_are_refused() {
    let canvas = drawn(96, 64, Ink::BlackWhite);
    let folder = Folder::new();
    let source =
        folder.keep("picture.pnm", &run("djpeg", &["-pnm"], &folder.keep("own.jpg", &jpeg::file(&canvas))).stdout);
    let made = |arguments: &[&str]| run("cjpeg", arguments, &source).stdout;
    for form in [
        &["-progressive"][..],
        &["-restart", "1"],
        &["-grayscale"],
        &["-sample", "2x2"],
        &["-optimize"],
        &["-arithmetic"],
        &["-quality", "90", "-sample", "1x1"],
    ] {
        let refusal = validate::jpeg::check(&made(form), &canvas);
        assert!(refusal.is_err(), "cjpeg {form:?}");
    }
}

#[test]
fn the_huffman_tables_are_those_of_the_standard() {
    let canvas = drawn(96, 64, Ink::BlackWhiteRed);
    let folder = Folder::new();
    let own = jpeg::file(&canvas);
    let source = folder.keep("picture.pnm", &run("djpeg", &["-pnm"], &folder.keep("own.jpg", &own)).stdout);
    let theirs = run("cjpeg", &["-baseline"], &source).stdout;
    assert_eq!(huffman_tables(&own).len(), 4);
    assert_eq!(huffman_tables(&own), huffman_tables(&theirs));
}

fn for_every_picture(look: impl Fn(&Canvas, Ink, &Folder)) {
    let folder = Folder::new();
    for (width, height) in SIZES {
        for (_, ink) in Ink::NAMES {
            look(&drawn(width, height, ink), ink, &folder);
        }
    }
}

/// Large areas, lines of one pixel and noise in every tint of the ink.
fn drawn(width: u32, height: u32, ink: Ink) -> Canvas {
    let mut canvas = Canvas::new(width, height);
    let (wide, high) = (width as i32, height as i32);
    let tints = ink.tints();
    canvas.fill(Area { x: 0, y: 0, width: wide, height: high / 5 }, Tint::Ink);
    for (i, tint) in tints.iter().cycle().take(40).enumerate() {
        let i = i as i32;
        canvas.fill(Area { x: i * 7, y: high / 4 + i * 3, width: 1 + i % 5, height: high / 3 }, *tint);
    }
    let mut random = 1u32;
    for (x, y) in (wide * 3 / 4..wide).flat_map(|x| (high / 2..high).map(move |y| (x, y))) {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        canvas.set(x, y, tints[(random >> 16) as usize % tints.len()]);
    }
    canvas
}

/// Whether whoever takes each pixel for the nearest tint sees the picture.
fn assert_shows(canvas: &Canvas, ink: Ink, pixels: &[[u8; 3]], who: &str) {
    assert_eq!(pixels.len() as u32, canvas.width() * canvas.height(), "{who} {}", ink.name());
    for (y, (row, pixels)) in canvas.rows().zip(pixels.chunks(canvas.width() as usize)).enumerate() {
        for (x, (tint, pixel)) in row.iter().zip(pixels).enumerate() {
            let is_shown = colour(*tint) == *pixel || nearest(ink, *pixel) == *tint;
            assert!(
                is_shown,
                "{who}, {} pixels wide, {}: column {x}, row {y} is {pixel:?}",
                canvas.width(),
                ink.name()
            );
        }
    }
}

fn nearest(ink: Ink, pixel: [u8; 3]) -> Tint {
    let distance = |tint: &&Tint| {
        let [red, green, blue] = colour(**tint);
        let off = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        off(red, pixel[0]) + off(green, pixel[1]) + off(blue, pixel[2])
    };
    *ink.tints().iter().min_by_key(distance).unwrap()
}

fn colour(tint: Tint) -> [u8; 3] {
    match tint {
        Tint::Ink => [0; 3],
        Tint::DarkGrey => [85; 3],
        Tint::LightGrey => [170; 3],
        Tint::Paper => [255; 3],
        Tint::Red => [255, 0, 0],
        Tint::Yellow => [255, 255, 0],
        Tint::Green => [0, 255, 0],
        Tint::Blue => [0, 0, 255],
        Tint::Orange => [255, 165, 0],
    }
}

/// Red, green and blue of every pixel of a portable anymap: bits, greys or colours.
fn pnm(bytes: &[u8]) -> Vec<[u8; 3]> {
    let mut words = bytes.split(u8::is_ascii_whitespace);
    let magic = words.next().unwrap();
    let numbers = if magic == b"P4" { 2 } else { 3 };
    let read: Vec<&[u8]> = words.take(numbers).collect();
    let number = |i: usize| text(read[i]).parse::<usize>().unwrap();
    let (width, height) = (number(0), number(1));
    let pixels = &bytes[magic.len() + read.iter().map(|word| word.len() + 1).sum::<usize>() + 1..];
    match magic {
        b"P4" => pixels
            .chunks_exact(width.div_ceil(8))
            .take(height)
            .flat_map(|row| (0..width).map(|x| [if row[x / 8] << (x % 8) & 0x80 == 0 { 255 } else { 0 }; 3]))
            .collect(),
        b"P5" => pixels.iter().map(|grey| [(usize::from(*grey) * 255 / number(2)) as u8; 3]).collect(),
        b"P6" => pixels.as_chunks().0.to_vec(),
        other => panic!("{other:?} is no anymap that is known here"),
    }
}

/// Place and content of every Huffman table, by place.
fn huffman_tables(jpeg: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = &jpeg[2..];
    let mut tables = Vec::new();
    while rest[1] != 0xda {
        let end = 2 + usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        let mut segment = &rest[4..end];
        while rest[1] == 0xc4 && !segment.is_empty() {
            let length = 17 + segment[1..17].iter().map(|count| usize::from(*count)).sum::<usize>();
            tables.push(segment[..length].to_vec());
            segment = &segment[length..];
        }
        rest = &rest[end..];
    }
    tables.sort();
    tables
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn keep(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let file = self.0.path().join(name);
        fs::write(&file, bytes).unwrap();
        file
    }
}

fn run(program: &str, arguments: &[&str], file: &Path) -> Output {
    checked(program, Command::new(program).args(arguments).arg(file))
}

/// Runs it, and fails if it is missing or itself tells of a failure.
fn checked(program: &str, command: &mut Command) -> Output {
    let package = PACKAGES.iter().find(|(name, _)| *name == program).unwrap().1;
    let output = command.output().unwrap_or_else(|error| {
        panic!("{program} of the package {package} cannot be run ({error}): `deploy/prerequisites test` installs it")
    });
    assert!(output.status.success(), "{program}: {}{}", text(&output.stdout), text(&output.stderr));
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
