//! A page as PDF 1.7 (ISO 32000-1): vectors, embedded fonts, text that can be searched, copied and read aloud in the right order. The same page
//! gives the same bytes: no date and no random identifier is in them.

use pdf_writer::types::{ActionType, AnnotationType, StructRole};
use pdf_writer::writers::StructTreeRoot;
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use crate::sign::font::{Fonts, Weight};

use super::content::{Marked, content, length};
use super::embed::{Embedded, deflate};
use super::face::Faces;
use super::page::{Area, Page};

/// Objects that every file has, by number; those that a page has more or fewer of follow.
const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE: Ref = Ref::new(3);
const CONTENT: Ref = Ref::new(4);
const INFORMATION: Ref = Ref::new(5);
const STRUCTURE: Ref = Ref::new(6);
const DOCUMENT: Ref = Ref::new(7);
const PARENTS: Ref = Ref::new(8);
const FIRST_OTHER: i32 = 9;

/// A link with its area and address.
type Link<'p> = (Ref, Area, &'p str);

/// The bytes of the file.
#[must_use]
pub fn pdf(page: &Page, fonts: &Fonts) -> Vec<u8> {
    let faces = Faces::new(fonts);
    let weights = [Weight::Regular, Weight::Bold].into_iter();
    let embedded: Vec<Embedded<'_>> = weights.filter_map(|weight| Embedded::new(&faces, weight, page)).collect();
    let (stream, marked) = content(page, &faces, &embedded);
    let mut last = FIRST_OTHER;
    let mut next = || {
        last += 1;
        Ref::new(last - 1)
    };
    let mut file = Pdf::new();
    catalog(&mut file, page);
    structure(&mut file, &marked, &mut next);
    let links = links(page, &mut next);
    for link in &links {
        annotation(&mut file, page, link);
    }
    let named: Vec<(Name<'_>, Ref)> = embedded.iter().map(|font| (font.resource(), next())).collect();
    sheet(&mut file, page, &links, &named);
    let stream = deflate(stream.as_slice());
    file.stream(CONTENT, &stream).filter(Filter::FlateDecode);
    for (font, (_, id)) in embedded.iter().zip(&named) {
        font.write(&mut file, *id, &mut next);
    }
    file.finish()
}

fn catalog(file: &mut Pdf, page: &Page) {
    file.document_info(INFORMATION).title(TextStr(&page.title)).producer(TextStr("noticed"));
    let mut catalog = file.catalog(CATALOG);
    catalog.pages(PAGES).lang(TextStr(page.language.code()));
    catalog.mark_info().marked(true);
    catalog.viewer_preferences().display_doc_title(true);
    catalog.pair(Name(b"StructTreeRoot"), STRUCTURE);
    catalog.finish();
    file.pages(PAGES).kids([PAGE]).count(1);
}

fn sheet(file: &mut Pdf, page: &Page, links: &[Link<'_>], fonts: &[(Name<'_>, Ref)]) {
    let mut sheet = file.page(PAGE);
    let whole = Rect::new(0.0, 0.0, length(page.paper.width()), length(page.paper.height()));
    sheet.parent(PAGES).media_box(whole).contents(CONTENT).struct_parents(0);
    sheet.annotations(links.iter().map(|(id, ..)| *id));
    let mut resources = sheet.resources();
    let mut named = resources.fonts();
    for (name, id) in fonts {
        named.pair(*name, *id);
    }
}

/// What is read, in its order: headlines, paragraphs, codes.
fn structure(file: &mut Pdf, marked: &[Marked], next: &mut impl FnMut() -> Ref) {
    let elements: Vec<Ref> = marked.iter().map(|_| next()).collect();
    let mut root = file.indirect(STRUCTURE).start::<StructTreeRoot<'_>>();
    root.child(DOCUMENT).parent_tree_next_key(1);
    root.parent_tree().nums().insert(0, PARENTS);
    root.finish();
    file.indirect(PARENTS).array().items(elements.iter().copied());
    let mut document = file.struct_element(DOCUMENT);
    document.kind(StructRole::Document).parent(STRUCTURE);
    let mut children = document.children();
    for element in &elements {
        children.struct_element(*element);
    }
    children.finish();
    document.finish();
    for (number, (marked, id)) in marked.iter().zip(&elements).enumerate() {
        let mut element = file.struct_element(*id);
        element.kind(marked.role).parent(DOCUMENT).page(PAGE);
        element.children().marked_content_id(number as i32);
        if let Some(language) = marked.language {
            element.lang(TextStr(language.code()));
        }
        if let Some(alternative) = &marked.alternative {
            element.alt(TextStr(alternative));
        }
    }
}

fn links<'p>(page: &'p Page, next: &mut impl FnMut() -> Ref) -> Vec<Link<'p>> {
    page.codes().map(|(area, address)| (next(), area, address)).collect()
}

/// Whoever reads the file on a screen follows the code by a click.
fn annotation(file: &mut Pdf, page: &Page, (id, area, address): &Link<'_>) {
    let height = page.paper.height();
    let rect = Rect::new(length(area.x), length(height - area.bottom()), length(area.right()), length(height - area.y));
    let mut link = file.annotation(*id);
    link.subtype(AnnotationType::Link).rect(rect).border(0.0, 0.0, 0.0, None);
    link.action().action_type(ActionType::Uri).uri(Str(address.as_bytes()));
}
