//! A page that is small for its words: the code in the lower right corner, text in lines as wide as the code leaves them.

use super::canvas::Area;
use super::font::Weight;
use super::layout::LayoutError;
use super::sheet::{Block, Placed, Sheet, Typesetter};
use super::text::{Measure, Paragraph};

/// Between the lines of a headline that stands in the text, which break there.
const BETWEEN: &str = "\u{a0}· ";

/// The same when every space has become one that does not break.
const BETWEEN_WHOLE: &str = "\u{a0}·\u{a0}";

/// One paragraph to come: bold and regular words, and whether it is the one on objection, or the headline.
struct Item {
    bold: String,
    regular: String,
    is_objection: bool,
    is_headline: bool,
}

impl Typesetter<'_, '_, '_> {
    /// The page, if everything fits above the margin.
    pub(super) fn tight(&mut self) -> Result<Option<Sheet>, LayoutError> {
        let setting = self.setting;
        let (width, height) = setting.page;
        let measures = setting.measures;
        let edge = setting.code_margin();
        let code = (width - edge - setting.code(), height - edge - setting.code());
        let step = (self.body / 7).max(1) as i32;
        let mut sheet = Sheet { body: self.body, placed: Vec::new(), code, block: None };
        let gap = if self.is_terse() { measures.padding / 2 } else { measures.margin.max(measures.padding) };
        let mut y = setting.band.height + gap - step;
        for item in self.items() {
            let indent = if item.is_objection { measures.frame + measures.padding } else { 0 };
            let x = measures.margin + indent;
            let mut paragraph = self.item(&item, width - measures.margin - x)?;
            if y + paragraph.height() > code.1 - setting.qr.quiet() {
                paragraph = self.item(&item, code.0 - setting.code_gutter() - x)?;
            }
            if item.is_objection {
                let area = Area { x: measures.margin, y, width: measures.frame, height: paragraph.height() };
                sheet.block = Some(Block::Bar(area));
            }
            let below = y + paragraph.height();
            sheet.placed.push(Placed { paragraph, x, y });
            y = below + step;
        }
        Ok((y - step <= height - measures.margin && setting.band.height + setting.qr.pixels() <= height)
            .then_some(sheet))
    }

    fn item(&mut self, item: &Item, width: i32) -> Result<Paragraph, LayoutError> {
        let spans = [(item.bold.as_str(), Weight::Bold), (item.regular.as_str(), Weight::Regular)];
        let flowing = self.paragraph(&spans, self.body, width, Measure::Full)?;
        if !item.is_headline {
            return Ok(flowing);
        }
        // Each of the things that go on in a line of its own, where that takes no more room.
        let apart = item.bold.replace(' ', "\u{a0}").replace(BETWEEN_WHOLE, BETWEEN);
        let apart = self.paragraph(&[(&apart, Weight::Bold)], self.body, width, Measure::Full)?;
        Ok(if apart.is_overfull() || apart.lines() > flowing.lines() { flowing } else { apart })
    }

    fn items(&self) -> Vec<Item> {
        let plain = |bold: String, regular: String| Item { bold, regular, is_objection: false, is_headline: false };
        let copy = self.setting.copy;
        let place = plain(String::new(), self.text(std::slice::from_ref(&copy.place)));
        let headline = Item { is_headline: true, ..plain(self.headline_below().join(BETWEEN), String::new()) };
        let mut items = vec![headline, place];
        items.extend(
            self.leads().into_iter().map(|lead| {
                if lead.strong { plain(lead.text, String::new()) } else { plain(String::new(), lead.text) }
            }),
        );
        items.extend(self.lines().into_iter().map(|(label, text)| plain(format!("{label}: "), text)));
        items.extend(self.objection().map(|(question, answer)| {
            let space = if question.is_empty() { "" } else { " " };
            Item { bold: format!("{question}{space}"), regular: answer, is_objection: true, is_headline: false }
        }));
        items.push(plain(String::new(), self.more()));
        items.retain(|item| !(item.bold.is_empty() && item.regular.is_empty()));
        items
    }
}
