//! Pictures that tests write and read again.

use std::io::Cursor;

use proptest::prelude::*;

use crate::sign::canvas::{Area, Canvas, Tint};
use crate::sign::panel::Ink;

/// Every ink.
pub(in crate::sign) fn inks() -> impl Iterator<Item = Ink> {
    Ink::NAMES.into_iter().map(|(_, ink)| ink)
}

/// A picture with every tint of the ink in pieces of different sizes, none of them a whole byte wide.
pub(in crate::sign) fn patches(width: u32, height: u32, ink: Ink) -> Canvas {
    let mut canvas = Canvas::new(width, height);
    for (i, tint) in ink.tints().iter().cycle().take(60).enumerate() {
        let i = i as i32;
        canvas.fill(Area { x: i * 13 % 97, y: i * 7 % 41, width: 1 + i % 11, height: 1 + i % 5 }, *tint);
    }
    canvas
}

/// Any ink with any picture that it can show, up to a size: noise, or a few areas.
pub(in crate::sign) fn any_picture(side: u32) -> impl Strategy<Value = (Ink, Canvas)> {
    (proptest::sample::select(inks().collect::<Vec<_>>()), 1..=side, 1..=side, any::<bool>())
        .prop_flat_map(move |(ink, width, height, noise)| {
            let count = if noise { (width * height) as usize } else { 12 };
            let tint = proptest::sample::select(ink.tints());
            let place = (0..width as i32, 0..height as i32, 1..=side as i32, 1..=side as i32);
            (Just((ink, width, height, noise)), proptest::collection::vec((tint, place), count))
        })
        .prop_map(|((ink, width, height, noise), tints)| {
            let mut canvas = Canvas::new(width, height);
            for (i, (tint, (x, y, wide, high))) in tints.into_iter().enumerate() {
                if noise {
                    canvas.set((i as u32 % width) as i32, (i as u32 / width) as i32, tint);
                } else {
                    canvas.fill(Area { x, y, width: wide, height: high }, tint);
                }
            }
            (ink, canvas)
        })
}

/// The picture whose pixels have these colours, row by row.
pub(in crate::sign) fn nearest(width: u32, colours: &[[u8; 3]], ink: Ink) -> Canvas {
    let mut canvas = Canvas::new(width, colours.len() as u32 / width);
    for (i, colour) in colours.iter().enumerate() {
        let distance = |tint: &&Tint| {
            let off = |c: usize| (i32::from(super::code::rgb(**tint)[c]) - i32::from(colour[c])).pow(2);
            off(0) + off(1) + off(2)
        };
        let tint = ink.tints().iter().min_by_key(distance).unwrap();
        canvas.set((i as u32 % width) as i32, (i as u32 / width) as i32, *tint);
    }
    canvas
}

/// What another decoder reads from a JPEG.
pub(in crate::sign) fn shown_by_jpeg(bytes: &[u8], ink: Ink) -> Canvas {
    let mut decoder = zune_jpeg::JpegDecoder::new(Cursor::new(bytes));
    let pixels = decoder.decode().unwrap();
    let width = decoder.dimensions().unwrap().0 as u32;
    let colours: Vec<[u8; 3]> = pixels.chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect();
    nearest(width, &colours, ink)
}
