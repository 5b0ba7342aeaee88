//! A picture back from its PNG: what a third person does who has the file and wants the notice's identity.

use std::io::Cursor;

use png::{ColorType, Decoder, Transformations};

use super::canvas::{Canvas, Tint};
use super::panel::Panel;
use super::picture::PictureError;
use super::validate;

/// The pixels of a PNG that was drawn for `panel`. Whatever form the file has, each pixel must have the very colour of a tint of
/// the panel ([`Tint::rgb`] is for people to look at; the colours of files are those of [`super::validate`]).
pub fn png(bytes: &[u8], panel: Panel) -> Result<Canvas, PictureError> {
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.ignore_checksums(false);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(validate::broken)?;
    // Before a pixel is unpacked: a small file can hold a huge picture.
    let (width, height) = reader.info().size();
    if (width, height) != (panel.width, panel.height) {
        return Err(PictureError::Canvas { found: format!("{width}x{height} pixels"), panel });
    }
    let bytes_each = match reader.output_color_type().0 {
        ColorType::Grayscale => 1,
        ColorType::Rgb => 3,
        other @ (ColorType::GrayscaleAlpha | ColorType::Rgba | ColorType::Indexed) => {
            return Err(validate::broken(format!("its pixels are {other:?}")));
        }
    };
    let mut canvas = Canvas::new(width, height);
    for y in 0..height as i32 {
        let row = reader.next_row().map_err(validate::broken)?.ok_or_else(|| validate::broken("rows are missing"))?;
        for (x, pixel) in (0..).zip(row.data().chunks_exact(bytes_each)) {
            let colour = if let [grey] = pixel { [*grey; 3] } else { [pixel[0], pixel[1], pixel[2]] };
            let tint = tint_of(colour).ok_or_else(|| PictureError::Canvas {
                found: format!("the colour {colour:02x?} at column {x}, row {y}"),
                panel,
            })?;
            canvas.set(x, y, tint);
        }
    }
    reader.finish().map_err(validate::broken)?;
    validate::canvas(&canvas, panel)?;
    Ok(canvas)
}

fn tint_of(colour: [u8; 3]) -> Option<Tint> {
    const TINTS: [Tint; 9] = [
        Tint::Ink,
        Tint::Paper,
        Tint::Red,
        Tint::Yellow,
        Tint::Green,
        Tint::Blue,
        Tint::Orange,
        Tint::DarkGrey,
        Tint::LightGrey,
    ];
    TINTS.into_iter().find(|tint| validate::colour(*tint) == colour)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::encode;
    use crate::sign::panel::Ink;
    use crate::sign::picture::identity;

    #[test]
    fn a_picture_comes_back_from_its_png_for_every_ink() {
        for (_, ink) in Ink::NAMES.iter().copied() {
            let panel = Panel::new(400, 300, ink);
            let mut canvas = Canvas::new(400, 300);
            for (i, tint) in (0..).zip(ink.tints()) {
                (0..300).for_each(|y| canvas.set(i * 7 + y % 5, y, *tint));
            }
            let read = png(&encode::png::file(&canvas, ink), panel).unwrap();
            assert_eq!(identity(&read), identity(&canvas), "{panel}");
        }
    }

    #[test]
    fn another_size_another_colour_and_half_a_file_are_refused() {
        let file = encode::png::file(&Canvas::new(400, 300), Ink::BlackWhite);
        assert!(matches!(png(&file, Panel::new(300, 400, Ink::BlackWhite)), Err(PictureError::Canvas { .. })));
        let mut red = Canvas::new(400, 300);
        red.set(5, 5, Tint::Red);
        let red = encode::png::file(&red, Ink::BlackWhiteRed);
        assert!(matches!(png(&red, Panel::new(400, 300, Ink::BlackWhite)), Err(PictureError::Canvas { .. })));
        assert!(matches!(
            png(&file[..file.len() - 20], Panel::new(400, 300, Ink::BlackWhite)),
            Err(PictureError::Broken(_))
        ));
    }
}
