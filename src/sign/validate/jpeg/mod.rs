//! JPEG: the one form that every decoder in [`crate::sign::encode::jpeg`] takes, with every byte before the scan as it must
//! be, and a scan that decodes to the picture.
//!
//! The scan is decoded here, block by block, because a general decoder would need the whole picture in memory and more time
//! than all else (measured: 5 ms of 800x480 with zune-jpeg 0.5). Tests hold that decoder and libjpeg against this one.

mod huffman;
mod idct;
mod scan;

use super::{broken, expect};
use crate::sign::canvas::Canvas;
use crate::sign::encode::jpeg::QUANTIZER;
use crate::sign::encode::jpeg::huffman::STANDARD;
use crate::sign::picture::PictureError;

/// Checks a JPEG: baseline, three components without subsampling, the standard tables, nothing else, and every pixel.
pub fn check(bytes: &[u8], canvas: &Canvas) -> Result<(), PictureError> {
    expect("JPEG start", bytes.get(..2), &[0xff, 0xd8])?;
    let mut rest = &bytes[2..];
    for (what, marker, wanted) in segments(canvas) {
        expect(what, rest.get(..2), &[0xff, marker])?;
        expect("JPEG segment length", rest.get(2..4), &(wanted.len() as u16 + 2).to_be_bytes())?;
        expect(what, rest.get(4..4 + wanted.len()), &wanted)?;
        rest = &rest[4 + wanted.len()..];
    }
    let scan = rest.strip_suffix(&[0xff, 0xd9]).ok_or_else(|| broken("its end is missing"))?;
    scan::check(scan, canvas)
}

/// Name, marker and content of every segment, in the order in which they must stand.
fn segments(canvas: &Canvas) -> Vec<(&'static str, u8, Vec<u8>)> {
    let [width, height] = [canvas.width(), canvas.height()].map(|side| (side as u16).to_be_bytes());
    // Eight bits; three components 1 to 3, each sampled 1x1 and divided by table 0.
    let frame = [&[8][..], &height, &width, &[3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]].concat();
    let mut segments = vec![
        ("JPEG application segment", 0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec()),
        ("JPEG quantization", 0xdb, [&[0][..], &[QUANTIZER; 64]].concat()),
        ("JPEG baseline frame", 0xc0, frame),
    ];
    for table in &STANDARD {
        segments.push(("JPEG Huffman table", 0xc4, [&[table.place][..], &table.counts, table.values].concat()));
    }
    // The three components with their tables; all coefficients, in full.
    segments.push(("JPEG scan", 0xda, vec![3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0]));
    segments
}

/// Where in a block, row by row, each coefficient belongs, in the order of the scan (ITU-T T.81, figure A.6): along the
/// diagonals, up and down in turn.
const ZIGZAG: [usize; 64] = zigzag();

const fn zigzag() -> [usize; 64] {
    let mut places = [0; 64];
    let (mut row, mut column, mut i) = (0, 0, 0);
    while i < 64 {
        places[i] = row * 8 + column;
        let rising = (row + column) % 2 == 0;
        match (rising, row, column) {
            (true, _, 7) | (false, 0..7, 0) => row += 1,
            (true, 0, _) | (false, 7, _) => column += 1,
            (true, ..) => {
                row -= 1;
                column += 1;
            }
            (false, ..) => {
                row += 1;
                column -= 1;
            }
        }
        i += 1;
    }
    places
}
