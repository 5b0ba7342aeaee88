//! A page with room for blocks: large sentences, labelled lines, the objection in a frame across the foot, the code with its caption.

use super::canvas::Area;
use super::font::Weight;
use super::layout::LayoutError;
use super::sheet::{Block, Placed, Shape, Sheet, Typesetter};
use super::text::{Measure, Paragraph};

/// Most of the column that labels may take (in percent): beside wider ones, texts are too narrow to read.
const LABELS_MOST: i32 = 40;

/// Lines that a caption below the code may have in larger type.
const CAPTION_LINES: usize = 3;

/// A line of the column: its label, if that stands beside it, and its text.
struct Row {
    label: Option<Paragraph>,
    text: Paragraph,
}

impl Row {
    fn height(&self) -> i32 {
        self.text.height().max(self.label.as_ref().map_or(0, Paragraph::height))
    }
}

/// Everything in the column beside or above the code.
struct Column {
    leads: Vec<Paragraph>,
    rows: Vec<Row>,
    /// Where the texts of rows begin.
    text_x: i32,
}

/// Everything below it.
struct Foot {
    /// Question and answer.
    objection: Vec<Paragraph>,
    caption: Option<Paragraph>,
}

impl Typesetter<'_, '_, '_> {
    /// The page, if everything fits.
    pub(super) fn spread(&mut self) -> Result<Option<Sheet>, LayoutError> {
        let Some(column) = self.column()? else { return Ok(None) };
        let foot = self.foot()?;
        let (top, bottom) = (self.top(), self.bottom(&foot));
        let setting = self.setting;
        let spare = bottom - top - column.height(self.body, self.step());
        let caption = foot.caption.as_ref().map_or(0, Paragraph::height);
        let beside = match setting.arrangement.shape {
            Shape::Wide => top + setting.code() + setting.qr.quiet() + caption,
            Shape::Tall | Shape::Tight | Shape::Terse => top,
        };
        if spare < 0 || beside > bottom {
            return Ok(None);
        }
        let mut sheet =
            Sheet { body: self.body, placed: Vec::new(), code: self.place_of_code(bottom, &foot), block: None };
        self.place_column(&mut sheet, column, top, bottom, spare);
        self.place_foot(&mut sheet, foot);
        Ok(Some(sheet))
    }

    /// First row below the band that may carry ink.
    fn top(&self) -> i32 {
        self.setting.band.height + self.setting.code_margin()
    }

    /// First row that the column may not use.
    fn bottom(&self, foot: &Foot) -> i32 {
        let setting = self.setting;
        let measures = setting.measures;
        let above_block =
            if setting.arrangement.shape == Shape::Tall { setting.code_gutter() } else { measures.padding };
        let block = foot.framed(measures.padding).map_or(0, |height| height + above_block);
        let code = match setting.arrangement.shape {
            Shape::Tall if block > 0 => self.height_of_more(foot) + setting.code_gutter(),
            Shape::Tall => self.height_of_more(foot) + setting.code_gutter() + setting.code_margin() - measures.margin,
            Shape::Wide | Shape::Tight | Shape::Terse => 0,
        };
        setting.page.1 - measures.margin - block - code
    }

    /// Height of the code with its caption beside it.
    fn height_of_more(&self, foot: &Foot) -> i32 {
        self.setting.code().max(foot.caption.as_ref().map_or(0, Paragraph::height))
    }

    /// Width of the column.
    fn width(&self) -> i32 {
        let setting = self.setting;
        match setting.arrangement.shape {
            Shape::Wide => {
                setting.page.0
                    - setting.measures.margin
                    - setting.code_gutter()
                    - setting.code()
                    - setting.code_margin()
            }
            Shape::Tall | Shape::Tight | Shape::Terse => setting.page.0 - 2 * setting.measures.margin,
        }
    }

    /// Space between lines of the column.
    fn step(&self) -> i32 {
        (self.body / 4) as i32
    }

    /// Sentences half as large again as the body, and lines; nothing where labels leave too little room.
    fn column(&mut self) -> Result<Option<Column>, LayoutError> {
        let width = self.width();
        let mut leads = Vec::new();
        for lead in self.leads() {
            let weight = if lead.strong { Weight::Bold } else { Weight::Regular };
            leads.push(self.paragraph(&[(&lead.text, weight)], self.body * 3 / 2, width, Measure::Even)?);
        }
        let (lines, margin) = (self.lines(), self.setting.measures.margin);
        if self.setting.arrangement.columns {
            let labelled = self.labelled(&lines, width)?;
            return Ok(labelled.map(|(rows, beside)| Column { leads, rows, text_x: margin + beside }));
        }
        let mut rows = Vec::new();
        for (label, text) in lines {
            let spans = [(&*format!("{label}: "), Weight::Bold), (&*text, Weight::Regular)];
            rows.push(Row { label: None, text: self.paragraph(&spans, self.body, width, Measure::Full)? });
        }
        Ok(Some(Column { leads, rows, text_x: margin }))
    }

    /// Rows with labels beside their texts, and how far in the texts begin.
    fn labelled(&mut self, lines: &[(String, String)], width: i32) -> Result<Option<(Vec<Row>, i32)>, LayoutError> {
        let mut labels = Vec::new();
        for (label, _) in lines {
            labels.push(self.paragraph(
                &[(label, Weight::Bold)],
                self.body,
                width * LABELS_MOST / 100,
                Measure::Full,
            )?);
        }
        if labels.iter().any(|label| label.lines() > 1 || label.is_overfull()) {
            return Ok(None);
        }
        let gap = self.setting.measures.label_gap;
        let beside = labels.iter().map(Paragraph::width).max().map_or(0, |widest| widest + gap);
        let mut rows = Vec::new();
        for (label, (_, text)) in labels.into_iter().zip(lines) {
            let text = self.paragraph(&[(text, Weight::Regular)], self.body, width - beside, Measure::Full)?;
            rows.push(Row { label: Some(label), text });
        }
        Ok(Some((rows, beside)))
    }

    /// The question on lines of its own, then what to do; and where else to read, below the code or beside it.
    fn foot(&mut self) -> Result<Foot, LayoutError> {
        let setting = self.setting;
        let measures = setting.measures;
        let inside = setting.page.0 - 2 * measures.margin - 2 * measures.padding;
        let mut objection = Vec::new();
        if let Some((question, answer)) = self.objection() {
            for (text, weight) in [(question, Weight::Bold), (answer, Weight::Regular)] {
                objection.push(self.paragraph(&[(&text, weight)], self.body, inside, Measure::Full)?);
            }
        }
        objection.retain(|paragraph| paragraph.lines() > 0);
        let caption = self.caption()?;
        Ok(Foot { objection, caption: caption.filter(|caption| caption.lines() > 0) })
    }

    /// Where else to read: in small type below the code, larger where it stays short, or beside it.
    fn caption(&mut self) -> Result<Option<Paragraph>, LayoutError> {
        let setting = self.setting;
        let measures = setting.measures;
        let more = self.more();
        if setting.arrangement.shape == Shape::Tall {
            let taken = setting.code() + setting.code_gutter() + setting.code_margin() + measures.margin;
            return self
                .paragraph(&[(&more, Weight::Regular)], self.body, setting.page.0 - taken, Measure::Full)
                .map(Some);
        }
        let width = setting.code() + setting.code_margin() - measures.margin;
        let mut size = u32::midpoint(measures.smallest, self.body);
        loop {
            let caption = self.paragraph(&[(&more, Weight::Regular)], size, width, Measure::Even)?;
            if caption.lines() <= CAPTION_LINES || size <= measures.smallest {
                return Ok(Some(caption));
            }
            size -= 1;
        }
    }

    fn place_of_code(&self, bottom: i32, foot: &Foot) -> (i32, i32) {
        let setting = self.setting;
        let x = setting.page.0 - setting.code_margin() - setting.code();
        match setting.arrangement.shape {
            Shape::Wide => (x, self.top()),
            Shape::Tall | Shape::Tight | Shape::Terse => {
                (x, bottom + setting.code_gutter() + self.height_of_more(foot) - setting.code())
            }
        }
    }

    /// Space that is left goes between the lines, up to two gaps each; below large type the lines stand at the foot.
    fn place_column(&self, sheet: &mut Sheet, column: Column, top: i32, bottom: i32, spare: i32) {
        let count = (column.leads.len() + column.rows.len()) as i32;
        let extra = (spare / count.max(1)).min(2 * self.step());
        let step = self.step() + extra;
        let margin = self.setting.measures.margin;
        // Capitals, not their line's upper edge, stand level with the code.
        let first = column.leads.first().or(column.rows.first().map(|row| &row.text));
        let mut y = top - first.map_or(0, Paragraph::headroom);
        let leads_first = !column.leads.is_empty();
        for paragraph in column.leads {
            let below = y + paragraph.height() + step;
            sheet.placed.push(Placed { paragraph, x: margin, y });
            y = below;
        }
        if leads_first {
            let rows: i32 = column.rows.iter().map(|row| row.height() + step).sum();
            y = bottom - (rows - step).max(0);
        }
        for row in column.rows {
            let below = y + row.height() + step;
            if let Some(paragraph) = row.label {
                sheet.placed.push(Placed { paragraph, x: margin, y });
            }
            sheet.placed.push(Placed { paragraph: row.text, x: column.text_x, y });
            y = below;
        }
    }

    fn place_foot(&self, sheet: &mut Sheet, foot: Foot) {
        let setting = self.setting;
        let measures = setting.measures;
        let (code_x, code_y) = sheet.code;
        let framed = foot.framed(measures.padding);
        if let Some(paragraph) = foot.caption {
            let (x, y) = match setting.arrangement.shape {
                Shape::Wide => (code_x, code_y + setting.code() + setting.qr.quiet()),
                Shape::Tall | Shape::Tight | Shape::Terse => {
                    (measures.margin, code_y + setting.code() - paragraph.height())
                }
            };
            sheet.placed.push(Placed { paragraph, x, y });
        }
        let Some(height) = framed else { return };
        let (width, top) = (setting.page.0 - 2 * measures.margin, setting.page.1 - measures.margin - height);
        sheet.block = Some(Block::Frame(Area { x: measures.margin, y: top, width, height }));
        let mut y = top + measures.padding;
        for paragraph in foot.objection {
            let below = y + paragraph.height();
            sheet.placed.push(Placed { paragraph, x: measures.margin + measures.padding, y });
            y = below;
        }
    }
}

impl Column {
    fn height(&self, body: u32, step: i32) -> i32 {
        let heights = self.leads.iter().map(Paragraph::height).chain(self.rows.iter().map(Row::height));
        let gaps = (self.leads.len() + self.rows.len()).saturating_sub(1) as i32;
        let before_rows = if self.leads.is_empty() || self.rows.is_empty() { 0 } else { body as i32 / 2 };
        heights.sum::<i32>() + gaps * step + before_rows
    }
}

impl Foot {
    /// Height of the block on objection with its frame.
    fn framed(&self, padding: i32) -> Option<i32> {
        let height: i32 = self.objection.iter().map(Paragraph::height).sum();
        (!self.objection.is_empty()).then_some(height + 2 * padding)
    }
}
