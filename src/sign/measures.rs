//! White space and sizes of type for one page, from its pixels and how fine they are.

use super::panel::Panel;

/// Smallest type in millimetres per em: capitals of 2.1 mm, legible at arm's length.
const SMALLEST_MM: f32 = 3.0;

/// Fewest pixels per em at which hinted letters of all our scripts stay distinct.
const SMALLEST_PIXELS: u32 = 13;

/// At this size stems of regular and bold letters are equally thick.
const UNUSABLE_SIZE: u32 = 17;

/// From this size on, every second one is tried.
const COARSE_FROM: u32 = 24;

/// White space and type of a page; pixels, unless said otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Measures {
    /// At the edges: more than frames cover.
    pub(super) margin: i32,
    /// Between columns.
    pub(super) gutter: i32,
    /// Between a label and its text.
    pub(super) label_gap: i32,
    /// Inside frames, and around what stands in the band.
    pub(super) padding: i32,
    /// Thickness of the frame of the objection block.
    pub(super) frame: i32,
    /// Smallest type, in pixels per em.
    pub(super) smallest: u32,
    /// Largest type of labelled lines: above it, long lines look coarse beside the headline.
    pub(super) largest: u32,
    /// Largest headline.
    pub(super) headline: u32,
    /// Side of the pictogram beside a single headline, and the least that is still recognised.
    pub(super) icon: i32,
    pub(super) icon_min: i32,
}

impl Measures {
    /// The measures of `page` (width and height) on `panel`.
    pub(super) fn new(panel: &Panel, page: (u32, u32)) -> Self {
        let side = page.0.min(page.1) as i32;
        let of = |share: i32, least: i32| (side * share / 480).max(least);
        let smallest = (panel.pixels(SMALLEST_MM).unsigned_abs()).max(SMALLEST_PIXELS);
        Self {
            margin: of(20, 5),
            gutter: of(24, 8),
            label_gap: of(16, 6),
            padding: of(11, 4),
            frame: of(3, 1),
            smallest: usable(smallest),
            largest: (of(24, 1) as u32).max(usable(smallest)),
            headline: (of(58, 1) as u32).max(smallest * 5 / 3),
            icon: of(84, 24),
            icon_min: usable(smallest) as i32 + 2,
        }
    }

    /// Sizes of type for lines, smallest first; where nothing is set larger than the lines, they may be as large as other sentences.
    pub(super) fn sizes(&self, alone: bool) -> Vec<u32> {
        let fits = |size: &u32| {
            let fine = *size <= COARSE_FROM || size.is_multiple_of(2) || *size == self.smallest;
            *size != UNUSABLE_SIZE && fine
        };
        let largest = if alone { self.largest * 3 / 2 } else { self.largest };
        (self.smallest..=largest).filter(fits).collect()
    }
}

fn usable(size: u32) -> u32 {
    if size == UNUSABLE_SIZE { size + 1 } else { size }
}

#[cfg(test)]
mod tests {
    use super::super::panel::{Ink, Panel};
    use super::*;

    fn of(width: u32, height: u32) -> Measures {
        Measures::new(&Panel::new(width, height, Ink::BlackWhite), (width, height))
    }

    #[test]
    fn the_smallest_type_is_three_millimetres_on_every_panel_and_never_too_few_pixels() {
        for (width, height) in Panel::SIZES {
            let panel = Panel::new(width, height, Ink::BlackWhite);
            let least = of(width, height).smallest;
            let mm = least as f32 * 25.4 / panel.ppi as f32;
            assert!((2.9..4.1).contains(&mm) && least >= SMALLEST_PIXELS, "{panel}: {least} pixels, {mm} mm");
        }
    }

    #[test]
    fn every_page_has_a_size_of_type_to_try() {
        for (width, height) in Panel::SIZES {
            let sizes = of(width, height).sizes(false);
            assert!(!sizes.is_empty() && !sizes.contains(&UNUSABLE_SIZE), "{width}x{height}: {sizes:?}");
        }
    }
}
